-- The outbox. A message id is a UUIDv7 whose last 16 bits are zero; its recipient n has the same id with n in those
-- bits. So a message's rows are one range of the key, and the day partition of a row follows from its id.

CREATE TABLE message (
    id           uuid NOT NULL,
    tenant_id    integer NOT NULL,
    lane_id      integer NOT NULL,
    region       text NOT NULL,
    stream       text NOT NULL,
    priority     smallint NOT NULL,       -- 0 high, 1 normal, 2 bulk
    split        boolean NOT NULL,        -- one call per recipient; false: one call for all
    recipients   smallint NOT NULL,
    sender       text NOT NULL,           -- the From header's value
    subject      text,
    tags         jsonb,
    metadata     jsonb,
    size         integer NOT NULL,        -- of body.content
    scheduled_at timestamptz,
    expires_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- Apart from the message, because it is dropped earlier.
CREATE TABLE body (
    id      uuid NOT NULL,
    kind    smallint NOT NULL,            -- 0 simple (JSON), 1 raw (MIME)
    content bytea NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- One row a recipient: the unit of sending and of status. No updated column is indexed, so updates stay HOT.
CREATE TABLE outbox (
    id             uuid NOT NULL,
    tenant_id      integer NOT NULL,
    email          text NOT NULL,
    kind           text NOT NULL,         -- to, cc, bcc
    status         smallint NOT NULL,     -- a rank: of two facts about a row the higher one stands
    attempt        smallint NOT NULL DEFAULT 0,
    claim_id       bigint,                -- the last claim that has an outcome for this row
    ses_message_id text,
    detail         text,                  -- of the last failure, in words for people
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);

-- What happened to a row, at most once each (`identity`), in the partition of its row.
CREATE TABLE event (
    outbox_id uuid NOT NULL,
    identity  text NOT NULL,
    id        uuid NOT NULL,
    type      text NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    data      jsonb,
    PRIMARY KEY (outbox_id, identity)
) PARTITION BY RANGE (outbox_id);

-- SES's message id to our row, for feedback without a tag.
CREATE TABLE ses_id (
    outbox_id      uuid NOT NULL,
    ses_message_id text NOT NULL,
    PRIMARY KEY (ses_message_id, outbox_id)
) PARTITION BY RANGE (outbox_id);

-- Each attempt as its node saw it, on that node's own monotonic clock.
CREATE TABLE send_log (
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id  integer NOT NULL,
    share_id    integer NOT NULL,
    node        text NOT NULL,
    epoch       bigint NOT NULL,
    outbox_id   uuid NOT NULL,            -- the message's, for a call with all its recipients
    attempt     smallint NOT NULL,
    recipients  smallint NOT NULL,
    started_ns  bigint NOT NULL,
    answered_ns bigint NOT NULL,
    outcome     text NOT NULL             -- sent, not_sent, unknown
) PARTITION BY RANGE (at);
CREATE INDEX ON send_log (account_id, at);

-- The queues. An entry's id is the row's, or the message's when all its recipients go in one call. Whoever deletes
-- an entry owns what it names.

CREATE TABLE ready (
    lane_id    integer NOT NULL,
    priority   smallint NOT NULL,
    id         uuid NOT NULL,
    recipients smallint NOT NULL,
    PRIMARY KEY (lane_id, priority, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

CREATE TABLE deferred (
    lane_id    integer NOT NULL,
    due_at     timestamptz NOT NULL,      -- infinity: held for a person's decision
    id         uuid NOT NULL UNIQUE,
    priority   smallint NOT NULL,
    recipients smallint NOT NULL,
    reason     smallint NOT NULL,         -- 0 scheduled, 1 retry, 2 unknown outcome
    PRIMARY KEY (lane_id, due_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Entries that are not to be sent after a time; looked at by the expiry sweep.
CREATE TABLE expiry (
    expires_at timestamptz NOT NULL,
    id         uuid NOT NULL,
    lane_id    integer NOT NULL,
    priority   smallint NOT NULL,
    PRIMARY KEY (expires_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- One row for each claimed batch, committed before any of its bytes goes out, deleted when all have outcomes.
CREATE TABLE claim (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id integer NOT NULL,
    node       text NOT NULL,
    epoch      bigint NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    entries    uuid[] NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX ON claim (node, epoch);

-- The message that a row or a queue entry belongs to.
CREATE FUNCTION message_of(id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (left(id::text, 32) || '0000')::uuid
$$;

-- The last row that a queue entry names: itself, or every recipient's when it is a message's.
CREATE FUNCTION last_of(id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN right(id::text, 4) = '0000' THEN (left(id::text, 32) || 'ffff')::uuid ELSE id END
$$;

-- A UUIDv7, for events that are made by a statement.
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
            || right(replace(gen_random_uuid()::text, '-', ''), 19))::uuid
$$;

-- The first id of a day (UTC): the day's milliseconds in the leading 48 bits of a UUIDv7.
CREATE FUNCTION first_id_of(day date) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM day::timestamp) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- Makes the partitions of one day that are missing. Attaching takes a weaker lock than creating in place.
CREATE FUNCTION make_partitions(day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    leaf   text;
    bounds text;
    made   integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['message', 'body', 'outbox', 'event', 'ses_id', 'send_log'] LOOP
        leaf := parent || to_char(day, '_YYYYMMDD');
        CONTINUE WHEN to_regclass(leaf) IS NOT NULL;
        bounds := CASE parent
            WHEN 'send_log' THEN format('FROM (%L) TO (%L)', day::timestamp AT TIME ZONE 'UTC',
                                        (day + 1)::timestamp AT TIME ZONE 'UTC')
            ELSE format('FROM (%L) TO (%L)', first_id_of(day), first_id_of(day + 1)) END;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', leaf, parent);
        IF parent = 'outbox' THEN
            EXECUTE format('ALTER TABLE %I SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)', leaf);
        ELSIF parent = 'body' THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN content SET COMPRESSION lz4', leaf);
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES %s', parent, leaf, bounds);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

-- Yesterday too: a gateway whose clock is a little behind at midnight must not fail.
SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + n) FROM generate_series(-1, 7) AS n;
