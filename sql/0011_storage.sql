-- Storage that stays healthy: how long the day partitions are kept, and what the tables that change most are set to.

-- `kept`: which part of `retention` in the configuration it goes by. `waits`: a day is not dropped while mail of it waits to be
-- sent. `kept_in`: where a dropped table's rows of such mail are moved to instead; a table like it with the key `id`.
ALTER TABLE day_partitioned
    ADD COLUMN kept text NOT NULL DEFAULT 'events' CHECK (kept IN ('bodies', 'messages', 'events', 'idempotency')),
    ADD COLUMN waits boolean NOT NULL DEFAULT false,
    ADD COLUMN kept_in text;
UPDATE day_partitioned SET kept = 'bodies', kept_in = 'body_kept' WHERE parent = 'body';
UPDATE day_partitioned SET kept = 'bodies', kept_in = 'recipient_data_kept' WHERE parent = 'recipient_data';
UPDATE day_partitioned SET kept = 'messages', waits = true WHERE parent IN ('message', 'outbox', 'ses_id');
UPDATE day_partitioned SET waits = true WHERE parent = 'event';
UPDATE day_partitioned SET kept = 'idempotency' WHERE parent = 'idempotency';
ALTER TABLE day_partitioned ALTER COLUMN kept DROP DEFAULT, ALTER COLUMN waits DROP DEFAULT;

-- A recipient's row doubles when SES's id is written into it, and is written once more by SES's word. A batch writes whole pages,
-- of which nothing can be pruned before it commits: so a page has room for two more versions of every row.
UPDATE day_partitioned SET settings = 'SET (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.05)' WHERE parent = 'outbox';
DO $$
DECLARE
    leaf regclass;
BEGIN
    FOR leaf IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 30)', leaf);
    END LOOP;
END
$$;

-- Contents of mail that waits for longer than bodies are kept. Deleted, a few at a time, when it waits no longer.
CREATE TABLE body_kept (LIKE body INCLUDING ALL);
ALTER TABLE body_kept ALTER COLUMN content SET COMPRESSION lz4;
CREATE TABLE recipient_data_kept (LIKE recipient_data INCLUDING ALL);
ALTER TABLE recipient_data_kept ALTER COLUMN data SET COMPRESSION lz4;

-- The ids of all queue entries and claimed ones from `low` on and before `high`.
CREATE FUNCTION waiting_between(low uuid, high uuid) RETURNS TABLE (id uuid) LANGUAGE sql STABLE AS $$
    SELECT entry.id
    FROM lane CROSS JOIN (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p (priority) CROSS JOIN LATERAL (
        SELECT ready.id FROM ready
        WHERE ready.lane_id = lane.id AND ready.priority = p.priority AND ready.id >= low AND ready.id < high OFFSET 0  -- probed queue by queue
    ) AS entry
    UNION ALL
    SELECT deferred.id FROM deferred WHERE deferred.id >= low AND deferred.id < high
    UNION ALL
    SELECT entry.id FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
    WHERE entry.id >= low AND entry.id < high
$$;
