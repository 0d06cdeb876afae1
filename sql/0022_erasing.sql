-- Erasing reaches what no row of mail leads to, and two doors in the wall are narrower.

-- Whether a link to unsubscribe went to an address that was erased since.
CREATE INDEX erasure_of_address ON erasure (tenant_id, pseudonym, last_id);
-- Notices: the events that stand beside no row of mail, of which there are few.
CREATE INDEX event_notice ON event (tenant_id, outbox_id) WHERE status IS NULL;

-- Not STRICT, which would keep it from being inlined: it is asked of every event that SES sends.
CREATE OR REPLACE FUNCTION is_pseudonym(email text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT starts_with(email, 'erased-') AND right(email, 15) = '@erased.invalid'
$$;

-- What a tenant's transaction queues for the feed is the tenant's.
ALTER TABLE event_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_wall ON event_batch FOR INSERT TO sluice_tenant WITH CHECK (own_tenant() = ALL (tenant_ids));
CREATE POLICY accepting ON event_batch FOR INSERT TO sluice_accept WITH CHECK (true);

-- As before, but only for the tenant whose transaction it is, and an address may be named more than once.
CREATE OR REPLACE FUNCTION unmirror(tenant integer, emails text[], reasons text[]) RETURNS integer
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
DO $$
BEGIN
    -- As the owner, and by no other's tables or functions.
    EXECUTE format('ALTER FUNCTION unmirror(integer, text[], text[]) SET search_path = %I, pg_temp', current_schema());
END
$$;
