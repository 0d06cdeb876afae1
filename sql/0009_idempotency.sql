-- What was answered to requests with an Idempotency-Key, in the transaction that accepted their mail. Partitioned by day
-- and looked at for 24 hours either way, so in three partitions. That a key is used once at a time is an advisory lock's doing.
CREATE TABLE idempotency (
    tenant_id    integer NOT NULL,
    key_hash     bytea NOT NULL,          -- SHA-256 of tenant and key
    request_hash bytea NOT NULL,          -- SHA-256 of method, path and body
    answer       text NOT NULL,           -- the body of the 202
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key_hash, created_at)
) PARTITION BY RANGE (created_at);

INSERT INTO day_partitioned VALUES ('idempotency', true, NULL);
SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + n) FROM generate_series(-1, 7) AS n;
