-- The audit says what was there before and after, and which request did it; and it only grows.

ALTER TABLE audit
    ADD COLUMN before     jsonb,        -- of a change the members that differ; NULL: it did not exist, or more is not said
    ADD COLUMN after      jsonb,
    ADD COLUMN request_id text;         -- NULL: the command line, or the gateway itself

CREATE INDEX ON audit (object, id);
CREATE INDEX ON audit (actor, id);
CREATE INDEX ON audit (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX ON audit (at);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Entries are never changed or removed.';
END
$$;

-- For every role, the owner and superusers too, and also where triggers are off because a replica applies changes.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
ALTER TABLE audit ENABLE ALWAYS TRIGGER append_only;
