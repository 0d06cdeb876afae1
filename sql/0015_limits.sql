-- Limits of tenants. (The limits themselves are in tenant.limits.)

-- What each gateway is asked for, so that together they serve a tenant's rate. Written anew twice a second and worth nothing a
-- moment later: so no WAL, and empty after a crash or a failover.
CREATE UNLOGGED TABLE gateway_demand (
    node    text PRIMARY KEY,
    counter bigint NOT NULL DEFAULT 0,    -- rises with every word; one that stands still is a gateway that is gone
    tenants integer[] NOT NULL,
    rates   double precision[] NOT NULL   -- requests a second that each of them asks for
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Recipients that were accepted for tenants with limits: inserted in the transaction of their mail, and added to the tables
-- below about a second later. So accepting never waits for a row that others count in.
CREATE TABLE accept_count (
    tenant_id  integer NOT NULL,
    recipients integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ON accept_count (tenant_id);

-- What waits of a tenant whose waiting mail is limited.
CREATE TABLE tenant_queue (
    tenant_id integer PRIMARY KEY REFERENCES tenant ON DELETE CASCADE,
    -- As it was counted last, and what was accepted since: never too low, but what was sent meanwhile is still in it. Less than
    -- none where accept_count holds what was counted.
    waiting   bigint NOT NULL DEFAULT 0,
    most      bigint NOT NULL,            -- the limit by which it was counted
    counted   boolean NOT NULL DEFAULT false,
    due_at    timestamptz NOT NULL DEFAULT now()  -- not counted again before
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Recipients that were accepted for a tenant in a quarter of an hour; the last 97 of them make a day.
CREATE TABLE tenant_day (
    tenant_id  integer NOT NULL REFERENCES tenant ON DELETE CASCADE,
    slot       integer NOT NULL,          -- quarters of an hour since 1970
    recipients bigint NOT NULL,
    PRIMARY KEY (tenant_id, slot)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Whose lanes these are: for counting what waits in them.
CREATE INDEX ON lane (tenant_id);
