-- The event feed: every event of a tenant, numbered without gaps, after the commit that recorded it. And the addresses
-- that a tenant's mail does not go to any more.

-- Which tables have a partition for each day, and what each of those is set to. A later migration adds its own.
CREATE TABLE day_partitioned (
    parent   text PRIMARY KEY,
    by_time  boolean NOT NULL,            -- by a timestamptz; else by an id whose leading bits are a time
    settings text                         -- of each partition, as ALTER TABLE takes them
);
INSERT INTO day_partitioned VALUES
    ('message', false, NULL),
    ('body', false, 'ALTER COLUMN content SET COMPRESSION lz4'),
    ('outbox', false, 'SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)'),
    ('event', false, NULL),
    ('ses_id', false, NULL),
    ('send_log', true, NULL),
    ('feed', true, NULL);

-- An event says whose it is, and where the row stood once it was recorded. Notices that are about no message have an
-- outbox_id of their own and no status.
ALTER TABLE event ADD COLUMN tenant_id integer, ADD COLUMN status smallint;
UPDATE event SET tenant_id = outbox.tenant_id FROM outbox WHERE outbox.id = event.outbox_id;
DELETE FROM event WHERE tenant_id IS NULL;
ALTER TABLE event ALTER COLUMN tenant_id SET NOT NULL;

-- A status by its rank (Mail/Vocabulary/MessageStatus+machine.swift).
CREATE FUNCTION status_name(rank smallint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE rank
        WHEN 0 THEN 'scheduled' WHEN 10 THEN 'queued' WHEN 20 THEN 'sending' WHEN 30 THEN 'unknown'
        WHEN 40 THEN 'expired' WHEN 41 THEN 'canceled' WHEN 42 THEN 'suppressed' WHEN 43 THEN 'failed'
        WHEN 50 THEN 'sent' WHEN 60 THEN 'delayed' WHEN 70 THEN 'rejected' WHEN 80 THEN 'delivered'
        WHEN 90 THEN 'bounced' WHEN 100 THEN 'complained' END
$$;

-- Events without a place in the feed: one row for each statement that recorded some, deleted by the sequencer.
-- `email.queued` and `email.scheduled` stand here and in the feed only; the message row says the rest.
CREATE TABLE event_batch (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_ids integer[] NOT NULL,
    outbox_ids uuid[] NOT NULL,
    identities text[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE feed (
    tenant_id integer NOT NULL,
    seq       bigint NOT NULL,            -- 1, 2, 3, ... for each tenant
    at        timestamptz NOT NULL,       -- when it got its place; never falls along seq
    outbox_id uuid NOT NULL,
    identity  text NOT NULL,
    PRIMARY KEY (tenant_id, seq, at)
) PARTITION BY RANGE (at);

-- The last place given to each tenant.
CREATE TABLE feed_head (
    tenant_id integer PRIMARY KEY,
    seq       bigint NOT NULL,
    at        timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A tenant's first place of each day (UTC), which leads from a place to its partition.
CREATE TABLE feed_day (
    tenant_id integer NOT NULL,
    day       date NOT NULL,
    first_seq bigint NOT NULL,
    PRIMARY KEY (tenant_id, first_seq)
);

CREATE OR REPLACE FUNCTION make_partitions(day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    t      day_partitioned;
    leaf   text;
    bounds text;
    made   integer := 0;
BEGIN
    FOR t IN SELECT * FROM day_partitioned ORDER BY parent LOOP
        leaf := t.parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass(leaf) IS NOT NULL;
        bounds := CASE WHEN t.by_time
            THEN format('FROM (%L) TO (%L)', day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC')
            ELSE format('FROM (%L) TO (%L)', first_id_of(day), first_id_of(day + 1)) END;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', leaf, t.parent);
        IF t.settings IS NOT NULL THEN EXECUTE format('ALTER TABLE %I %s', leaf, t.settings); END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES %s', t.parent, leaf, bounds);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + n) FROM generate_series(-1, 7) AS n;

-- Addresses that a tenant's mail does not go to: looked at when mail is accepted, and again before it is sent.
CREATE TABLE suppression (
    tenant_id  integer NOT NULL REFERENCES tenant ON DELETE CASCADE,
    email      text COLLATE "C" NOT NULL CHECK (email = lower(email)),
    domain     text NOT NULL GENERATED ALWAYS AS (substring(email FROM '[^@]*$')) STORED,
    reason     text NOT NULL CHECK (reason IN ('bounce', 'complaint', 'manual')),
    detail     text,                      -- SES's words, or the tenant's own
    outbox_id  uuid,                      -- the copy whose event it came from
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, email)
);
CREATE INDEX suppression_domain ON suppression (tenant_id, domain, email);
