-- Failover. A server that is promoted writes a new timeline, and may lack what its predecessor committed last. So the first
-- leader on a timeline grants nothing until all that was granted before is cold, and notes here that this is done.
-- An account whose row is new, or was lost, has the timeline of the day of this migration: nothing older has grants.

DO $$
DECLARE
    -- From the name of the WAL file; pg_control_checkpoint() is behind until the first checkpoint after a promotion.
    number bigint := ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint;
BEGIN
    EXECUTE format('ALTER TABLE leader ADD COLUMN timeline bigint NOT NULL DEFAULT %s', number);
END
$$;
