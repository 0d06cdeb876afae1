-- The second wall between tenants: roles that see and do less than the owner of the tables, which nodes take for the length of a
-- transaction. What serves a tenant sees that tenant's rows, whatever the statement says; what accepts mail may put it in and
-- look up keys, suppressions and what room there is. Everything else works as the owner.

DO $$
DECLARE
    wanted  text;
    before  text := current_setting('role');
    advice  text := format('have an administrator run: CREATE ROLE sluice_tenant NOLOGIN; CREATE ROLE sluice_accept NOLOGIN; '
                           'GRANT sluice_tenant, sluice_accept TO %I; and migrate again', current_user);
BEGIN
    FOREACH wanted IN ARRAY ARRAY['sluice_tenant', 'sluice_accept'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the role % is missing, and % may not make roles: %', wanted, current_user, advice
                        USING ERRCODE = 'insufficient_privilege';
                WHEN duplicate_object OR unique_violation THEN NULL;  -- the migration of another database on this server
            END;
        END IF;
        -- Who made a role is not by that one who may take it.
        BEGIN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        EXCEPTION WHEN OTHERS THEN NULL;                               -- it may be granted already, which is seen next
        END;
        BEGIN
            PERFORM set_config('role', wanted, true);
            PERFORM set_config('role', before, true);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION '% may not take the role %: %', current_user, wanted, advice USING ERRCODE = 'insufficient_privilege';
        END;
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sluice_tenant, sluice_accept', current_schema());
END
$$;

-- Whose transaction it is; NULL, which no row has, where nobody said.
CREATE FUNCTION own_tenant() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('sluice.tenant', true), '')::integer
$$;

-- Puts a table behind the wall. Every table with a tenant in it needs this; a test looks.
CREATE FUNCTION wall_off(
    walled regclass,
    condition text DEFAULT 'tenant_id = own_tenant()',
    rights text DEFAULT 'SELECT, INSERT, UPDATE, DELETE'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY tenant_wall ON %s TO sluice_tenant USING (%s) WITH CHECK (%s)', walled, condition, condition);
    IF rights <> '' THEN EXECUTE format('GRANT %s ON %s TO sluice_tenant', rights, walled); END IF;
END
$$;

CREATE FUNCTION own_lanes() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM lane WHERE tenant_id = own_tenant()
$$;

-- Behind the wall an index is probed by bare columns only, and not by what is computed of them. Adding it writes the rows anew.
ALTER TABLE outbox ADD COLUMN address_hash integer NOT NULL GENERATED ALWAYS AS (hashtext(lower(email))) STORED;
DROP INDEX outbox_address;
CREATE INDEX outbox_address ON outbox (tenant_id, address_hash, id);

DO $$
DECLARE
    walled record;
BEGIN
    -- Whatever names a tenant.
    FOR walled IN
        SELECT c.oid::regclass AS name, c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname = 'tenant_id' AND NOT a.attisdropped
        ORDER BY c.relname
    LOOP
        PERFORM wall_off(
            walled.name,
            rights => CASE walled.relname
                -- What only acceptance asks and writes, and those who count for it.
                WHEN 'idempotency' THEN ''
                WHEN 'accept_count' THEN ''
                WHEN 'tenant_queue' THEN ''
                WHEN 'tenant_day' THEN ''
                WHEN 'route' THEN 'SELECT'
                WHEN 'lane' THEN 'SELECT'
                WHEN 'feed' THEN 'SELECT'
                WHEN 'feed_head' THEN 'SELECT'
                WHEN 'feed_day' THEN 'SELECT'
                WHEN 'message' THEN 'SELECT'
                WHEN 'usage_day' THEN 'SELECT'
                WHEN 'usage_cursor' THEN 'SELECT'
                WHEN 'tenant_retention' THEN 'SELECT'
                WHEN 'reputation' THEN 'SELECT'
                WHEN 'outbox' THEN 'SELECT, UPDATE'
                WHEN 'event' THEN 'SELECT, INSERT'
                WHEN 'erasure' THEN 'SELECT, INSERT'
                -- A key that was revoked stays.
                WHEN 'api_key' THEN 'SELECT, INSERT, UPDATE'
                ELSE 'SELECT, INSERT, UPDATE, DELETE' END);
    END LOOP;
    -- And what belongs to one by way of another table. An array is asked for once a statement, and not for each row.
    PERFORM wall_off('tenant', 'id = own_tenant()', 'SELECT, UPDATE (display_name)');
    PERFORM wall_off('ready', 'lane_id = ANY ((SELECT own_lanes())::integer[])', 'SELECT, UPDATE, DELETE');
    PERFORM wall_off('deferred', 'lane_id = ANY ((SELECT own_lanes())::integer[])', 'SELECT, UPDATE, DELETE');
    PERFORM wall_off('expiry', 'lane_id = ANY ((SELECT own_lanes())::integer[])', 'SELECT, UPDATE, DELETE');
    PERFORM wall_off('template_version', 'EXISTS (SELECT FROM template WHERE template.id = template_id)');
    PERFORM wall_off('webhook_queue', 'EXISTS (SELECT FROM webhook_endpoint AS e WHERE e.id = endpoint_id)');
    PERFORM wall_off('webhook_replay', 'EXISTS (SELECT FROM webhook_endpoint AS e WHERE e.id = endpoint_id)');
END
$$;

-- What is nobody's: the state of accounts, from which a tenant is told its own rate and what it waits for.
GRANT SELECT ON share, leader, worker, credit_grant TO sluice_tenant;
GRANT SELECT (id, name, paused, credit_window, sqs_queue_url, sns_topics, reputation) ON account TO sluice_tenant;
GRANT SELECT (account_id, at, started_ns, answered_ns) ON send_log TO sluice_tenant;
GRANT SELECT (id, entries) ON claim TO sluice_tenant;
-- What is written for others to read; what is queued for the feed is the tenant's.
GRANT INSERT ON event_batch, audit TO sluice_tenant;
ALTER TABLE event_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_wall ON event_batch FOR INSERT TO sluice_tenant WITH CHECK (own_tenant() = ALL (tenant_ids));
CREATE POLICY accepting ON event_batch FOR INSERT TO sluice_accept WITH CHECK (true);
-- A change of a key is a change of the directory, of which nodes learn by its version.
GRANT SELECT, UPDATE ON directory_version TO sluice_tenant;

-- The weights of the lanes of a share that have something to send: of all tenants, and only their sum.
CREATE FUNCTION busy_weights(share integer) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT coalesce(sum(rival.weight), 0)::bigint FROM lane AS rival
    WHERE rival.share_id = share AND EXISTS (SELECT FROM ready WHERE ready.lane_id = rival.id)
$$;

-- Takes addresses that a tenant suppresses no longer off SES's own lists of its accounts, where those are kept, unless another
-- tenant of the account suppresses them. Only for the tenant whose transaction it is; an address may be named more than once.
-- Returns how many were put on their way.
CREATE FUNCTION unmirror(tenant integer, emails text[], reasons text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    done integer;
BEGIN
    IF tenant IS DISTINCT FROM own_tenant() THEN
        RAISE EXCEPTION 'a transaction of another tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO suppression_mirror (account_id, email, reason, removes)
    SELECT mirrors.id, gone.email, CASE gone.reason WHEN 'complaint' THEN 'complaint' ELSE 'bounce' END, true
    FROM (SELECT DISTINCT account.id FROM lane
          JOIN share ON share.id = lane.share_id JOIN account ON account.id = share.account_id
          WHERE lane.tenant_id = tenant AND NOT lane.test AND account.mirror_suppressions) AS mirrors
    CROSS JOIN (SELECT DISTINCT ON (email) email, reason FROM unnest(emails, reasons) AS named (email, reason)
                ORDER BY email) AS gone
    WHERE NOT is_pseudonym(gone.email) AND NOT EXISTS (
        SELECT FROM share JOIN lane ON lane.share_id = share.id
        JOIN suppression AS other ON other.tenant_id = lane.tenant_id AND other.email = gone.email
            AND other.stream = ''
        WHERE share.account_id = mirrors.id AND lane.tenant_id <> tenant AND NOT lane.test)
    ORDER BY mirrors.id, gone.email
    -- A new version, or a call that is under way just now would end this wish as if it were its own.
    ON CONFLICT (account_id, email) DO UPDATE
        SET reason = excluded.reason, removes = true, version = suppression_mirror.version + 1, attempts = 0, due_at = now();
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;

-- The accept writer: its statements are about many tenants at once.
DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY[
        'message', 'outbox', 'event', 'ready', 'deferred', 'expiry', 'idempotency', 'accept_count'
    ] LOOP
        EXECUTE format('CREATE POLICY accepting ON %I FOR INSERT TO sluice_accept WITH CHECK (true)', target);
        EXECUTE format('GRANT INSERT ON %I TO sluice_accept', target);
    END LOOP;
    FOREACH target IN ARRAY ARRAY[
        'suppression', 'idempotency', 'event', 'accept_count', 'tenant_queue', 'tenant_day'
    ] LOOP
        EXECUTE format('CREATE POLICY looking_up ON %I FOR SELECT TO sluice_accept USING (true)', target);
    END LOOP;
    FOREACH target IN ARRAY ARRAY['busy_weights(integer)', 'unmirror(integer, text[], text[])'] LOOP
        -- As the owner, and by no other's tables or functions.
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', target, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', target);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sluice_tenant', target);
    END LOOP;
    EXECUTE 'REVOKE EXECUTE ON FUNCTION remove_unused_data_keys() FROM PUBLIC';
END
$$;
GRANT INSERT ON body, recipient_data, event_batch TO sluice_accept;
GRANT SELECT (tenant_id, email, stream) ON suppression TO sluice_accept;
-- How much room a tenant with limits has.
GRANT SELECT (tenant_id, recipients) ON accept_count TO sluice_accept;
GRANT SELECT (tenant_id, waiting) ON tenant_queue TO sluice_accept;
GRANT SELECT (tenant_id, slot, recipients) ON tenant_day TO sluice_accept;
GRANT SELECT (tenant_id, key_hash, request_hash, answer, created_at) ON idempotency TO sluice_accept;
-- Only what says that an event was recorded.
GRANT SELECT (tenant_id, outbox_id, identity) ON event TO sluice_accept;
