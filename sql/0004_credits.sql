-- Credits: who holds how many of an account's, which of them are lent, and what the 24-hour quota has left.
-- The rules of these tables, and the check of every interleaving of them, are in docs/credits.md.

-- A new leader takes over by epoch alone: what its predecessor granted stands in credit_grant, not in its memory.
ALTER TABLE leader
    DROP COLUMN yielded,
    ADD COLUMN version bigint NOT NULL DEFAULT 0,   -- of the latest change to the account's grants
    ADD COLUMN rate double precision,               -- the quota in force, less what others use; NULL: not known yet
    ADD COLUMN quota double precision,              -- the same when nobody else uses the account
    ADD COLUMN since timestamptz NOT NULL DEFAULT now();

-- A life of a node that dispatches an account. Deleted when the life is over, and its grants with it.
CREATE TABLE worker (
    account_id    integer NOT NULL REFERENCES account ON DELETE CASCADE,
    node          text NOT NULL,
    node_epoch    bigint NOT NULL,
    draining      boolean NOT NULL DEFAULT false,   -- wants to leave: gets no more grants
    throttled     bigint NOT NULL DEFAULT 0,        -- calls that SES refused for the account's rate; only grows
    -- Why it sends nothing just now: unreachable, credentials, paused_by_ses, daily_quota, configuration; NULL: it does.
    parked        text,
    parked_detail text,
    parked_since  timestamptz,
    PRIMARY KEY (account_id, node, node_epoch)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The credits of one share on one worker. The sum of `held` never exceeds the account's credits, and for no share its
-- ceiling. The leader raises and lowers `granted` (a raise lifts `held` with it), under the lock of its row in `leader`;
-- the worker lowers `held` to what it still has, and only at the version that it saw.
CREATE TABLE credit_grant (
    account_id integer NOT NULL,
    share_id   integer NOT NULL,                    -- no reference: a share that is gone keeps its credits until they cool
    node       text NOT NULL,
    node_epoch bigint NOT NULL,
    granted    integer NOT NULL CHECK (granted >= 0),
    held       integer NOT NULL CHECK (held >= granted),
    version    bigint NOT NULL,                     -- leader.version at the row's last change by a leader
    wanted     integer NOT NULL DEFAULT 0,          -- credits that the worker has a use for, as it said last
    PRIMARY KEY (account_id, share_id, node, node_epoch),
    FOREIGN KEY (account_id, node, node_epoch) REFERENCES worker ON DELETE CASCADE
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The loan ledger. Shares are named, because a loan outlives its share; the account itself (what no share is promised)
-- lends under the name ''.
CREATE TABLE loan (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    lender     text NOT NULL,
    borrower   text NOT NULL,
    credits    integer NOT NULL CHECK (credits > 0),
    from_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    to_at      timestamptz                          -- NULL: still lent
);
CREATE UNIQUE INDEX ON loan (account_id, lender, borrower) WHERE to_at IS NULL;
CREATE INDEX ON loan (account_id, from_at);

-- What was leased of the 24-hour quota, by minute. Counted when leased; what a worker did not use it gives back.
CREATE TABLE daily_use (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    minute     timestamptz NOT NULL,
    recipients bigint NOT NULL CHECK (recipients >= 0),
    PRIMARY KEY (account_id, minute)
);

-- A node's monotonic clock beside the database's, for reading send_log: at `node_ns` the database's clock said `at`,
-- give or take `error_ns`.
CREATE TABLE clock_sample (
    node       text NOT NULL,
    node_epoch bigint NOT NULL,
    node_ns    bigint NOT NULL,
    at         timestamptz NOT NULL,
    error_ns   bigint NOT NULL,
    PRIMARY KEY (node, node_epoch, node_ns)
);

-- Workers say now why they are parked, each for itself.
ALTER TABLE account_state
    DROP COLUMN parked, DROP COLUMN parked_detail, DROP COLUMN parked_since,
    ADD COLUMN sandbox boolean,                     -- SES takes verified recipients only
    ADD COLUMN sending_enabled boolean;

ALTER TABLE account
    ADD COLUMN version bigint NOT NULL DEFAULT 1,   -- of the account and its shares: the ETag of the admin API
    ADD COLUMN quota_even_out boolean NOT NULL DEFAULT false;  -- no hour may use more than 1/24 of the daily quota

-- When a share is removed, its lanes become retired lanes of its parent: what a gateway still puts into them is sent.
ALTER TABLE lane ADD COLUMN retired boolean NOT NULL DEFAULT false;
ALTER TABLE lane DROP CONSTRAINT lane_share_id_tenant_id_stream_key;
CREATE UNIQUE INDEX lane_place ON lane (share_id, tenant_id, stream) WHERE NOT retired;
