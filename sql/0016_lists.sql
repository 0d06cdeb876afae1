-- Lists and usage: by what tenants look their mail up, and what they have used.
-- docs/decisions/0025 says what each index costs, and why there are no others.

-- A tenant's messages in the order of their making; their recipients follow from the ids.
CREATE INDEX message_tenant ON message (tenant_id, id);

-- The mail to an address. A hash is short, and holds nobody's name. No update changes these columns, so updates stay HOT.
CREATE INDEX outbox_address ON outbox (tenant_id, hashtext(lower(email)), id);

-- Whatever went wrong: events of any status but the waiting ones (below 30), `sent` (50) and `delivered` (80).
CREATE INDEX event_trouble ON event (tenant_id, status, outbox_id) WHERE status >= 30 AND status <> 50 AND status <> 80;

-- Recipients by tenant, day (UTC) and region, counted from the feed, each of its places once. A day that is over stays as it is.
CREATE TABLE usage_day (
    tenant_id  integer NOT NULL,
    day        date NOT NULL,
    region     text NOT NULL,
    accepted   bigint NOT NULL,
    sent       bigint NOT NULL,
    delivered  bigint NOT NULL,
    bounced    bigint NOT NULL,
    complained bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, region)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Up to which place of each tenant's feed that was done.
CREATE TABLE usage_cursor (
    tenant_id  integer PRIMARY KEY,
    seq        bigint NOT NULL,
    at         timestamptz NOT NULL,      -- of that place; leads to the feed's partition
    counted_at timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
