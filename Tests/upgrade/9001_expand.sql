-- works from: LAST
-- What a release may do beside the one before it: columns on the busiest tables, a table, a function with the same duties.
ALTER TABLE message ADD COLUMN later_hint text NOT NULL DEFAULT 'none';
ALTER TABLE outbox ADD COLUMN later_note text;
ALTER TABLE ready ADD COLUMN later_mark smallint;
ALTER TABLE claim ADD COLUMN later_mark smallint;
ALTER TABLE tenant ADD COLUMN later_limit integer CHECK (later_limit > 0);
CREATE TABLE later_table (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE OR REPLACE FUNCTION last_of(id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN right(id::text, 4) <> '0000' THEN id ELSE (left(id::text, 32) || 'ffff')::uuid END
$$;
