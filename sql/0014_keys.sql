-- Keys that may do less than everything, tenants that are changed one by one, and mail that is only a test.

ALTER TABLE api_key
    ADD COLUMN test boolean NOT NULL DEFAULT false,
    -- What was made before this migration may do what it could do then: everything.
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{send,read,webhooks,suppressions,templates,keys}',
    ADD COLUMN domains text[],            -- From domains or addresses; NULL: all that the tenant may use
    ADD COLUMN regions text[],            -- NULL: all of the tenant's
    ADD COLUMN allowed_ips text[],        -- networks that it may be used from, in CIDR notation; NULL: anywhere
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,  -- written every few seconds at most, for all keys that were used at once
    ADD COLUMN old_hash bytea CHECK (length(old_hash) = 32),  -- valid too until old_until, after a rotation
    ADD COLUMN old_until timestamptz;
CREATE INDEX ON api_key (tenant_id, id) WHERE revoked_at IS NULL;

-- Where a tenant's test keys live: a tenant of its own, with which it shares nothing but its settings and templates. So
-- whatever keeps tenants apart keeps tests and mail apart. Made with the first test key.
ALTER TABLE tenant
    ADD COLUMN version bigint NOT NULL DEFAULT 1,             -- grows with every change to the tenant
    ADD COLUMN test_of integer UNIQUE REFERENCES tenant ON DELETE CASCADE;

-- The lanes of such tenants: nothing is ever ready in them, and no dispatcher knows them.
ALTER TABLE lane ADD COLUMN test boolean NOT NULL DEFAULT false;
CREATE INDEX lane_test ON lane (id) WHERE test;

-- Said with the message, too, so that nothing has to ask whose it was.
ALTER TABLE message ADD COLUMN test boolean NOT NULL DEFAULT false;
