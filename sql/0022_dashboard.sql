-- The dashboards: who is signed in, and what an account does second by second while somebody looks.

-- A stay at a dashboard is as good as the key that it was begun with, and no longer. Neither token nor key is kept, only what
-- they are recognised by.
CREATE TABLE dashboard_session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    key_hash   bytea NOT NULL CHECK (length(key_hash) = 32),
    expires_at timestamptz NOT NULL,
    idle_at    timestamptz NOT NULL                -- it ends then, unless it is used before
);
CREATE INDEX ON dashboard_session (key_hash, expires_at);
CREATE INDEX ON dashboard_session (expires_at);

-- What each node does for an account in one second; written only while somebody looks at the account. Unlogged: after a crash it
-- would be old anyway.
CREATE UNLOGGED TABLE live_sample (
    account_id integer NOT NULL,
    second     timestamptz NOT NULL,
    node       text NOT NULL,
    node_epoch bigint NOT NULL,
    share_ids  integer[] NOT NULL,                 -- the others hold a number for each of these
    used       integer[] NOT NULL,                 -- recipients whose calls began in the second
    free       integer[] NOT NULL,                 -- credits at its end
    in_use     integer[] NOT NULL,
    cooling    integer[] NOT NULL,
    PRIMARY KEY (account_id, second, node, node_epoch)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
