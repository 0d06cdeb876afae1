-- The cluster: who is alive and who schedules what. No wall clock decides anything here.

CREATE TABLE node (
    name  text PRIMARY KEY,
    epoch bigint NOT NULL                 -- of its latest life; only ever grows
);

-- One row for each life of a node. The holder raises `counter` twice a second; the others watch it on their own
-- monotonic clocks and retire a life whose counter has stood still for longer than its holder may trust it.
CREATE TABLE lease (
    node       text NOT NULL,
    epoch      bigint NOT NULL,
    counter    bigint NOT NULL DEFAULT 0,
    roles      text[] NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL DEFAULT now(),
    -- 'live'; 'released' by its holder, after its last call was answered; 'retired' by another node.
    state      text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'released', 'retired')),
    PRIMARY KEY (node, epoch)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Who schedules an account. The session advisory lock on the account elects; this row fences.
CREATE TABLE leader (
    account_id integer PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    epoch      bigint NOT NULL,
    node       text NOT NULL,
    node_epoch bigint NOT NULL,
    -- The holder has stopped using the account's credits and has had all its answers.
    yielded    boolean NOT NULL DEFAULT false
);

-- What the leader has found out about an account; shown to people, decides nothing by itself.
CREATE TABLE account_state (
    account_id    integer PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    -- Why nothing is sent just now: unreachable, credentials, paused_by_ses, daily_quota, configuration; NULL: it is.
    parked        text,
    parked_detail text,
    parked_since  timestamptz,
    quota_rate    double precision,       -- as SES said last
    quota_daily   double precision,
    sent_24h      double precision,
    checked_at    timestamptz
);
