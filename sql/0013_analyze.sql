-- A day's tables only grow, and what grows by a tenth is analyzed anew: every minute, on a busy day's morning, at half a second of a
-- core for each table. What is asked of them goes by their keys, whatever the sample says: once for each time they double is enough.
UPDATE day_partitioned SET settings = concat_ws(', ', settings, 'SET (autovacuum_analyze_scale_factor = 1)');
DO $$
DECLARE
    leaf regclass;
BEGIN
    FOR leaf IN
        SELECT inhrelid::regclass FROM pg_inherits JOIN day_partitioned ON inhparent = to_regclass(parent)
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_analyze_scale_factor = 1)', leaf);
    END LOOP;
END
$$;
-- Millions may wait while thousands come and go.
ALTER TABLE ready SET (autovacuum_analyze_scale_factor = 0.2);
