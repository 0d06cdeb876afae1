-- Who harms an account's standing with SES; and who does not want a tenant's bulk mail any more.

-- What SES took and what came back of it, not counted yet: one row for each statement that recorded some, deleted by the
-- transaction that counts it.
CREATE TABLE reputation_note (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_ids integer[] NOT NULL,
    tenant_ids  integer[] NOT NULL,
    sent        integer[] NOT NULL,
    bounced     integer[] NOT NULL,
    complained  integer[] NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- The counts of a tenant's mail through an account over its sliding windows, and what follows from them.
CREATE TABLE reputation (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    tenant_id  integer NOT NULL,          -- 0: everybody's mail through the account
    tally      jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'warned', 'slowed', 'paused')),
    reason     text,                      -- in words; NULL while all is well
    since      timestamptz NOT NULL DEFAULT now(),
    resumed_at timestamptz,               -- when the tenant itself last ended a pause
    PRIMARY KEY (account_id, tenant_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The rates at which an account's tenants are warned, slowed and paused, where they are not the usual ones.
ALTER TABLE account ADD COLUMN reputation jsonb;

-- What an event that waits for its row counts as.
ALTER TABLE feedback_waiting ADD COLUMN harm text;

-- An address may be suppressed for one stream only, by whoever reads it.
ALTER TABLE suppression ADD COLUMN stream text COLLATE "C" NOT NULL DEFAULT ''
    CHECK (stream IN ('', 'transactional', 'bulk'));      -- '': all mail
ALTER TABLE suppression DROP CONSTRAINT suppression_pkey,
    ADD CONSTRAINT suppression_pkey PRIMARY KEY (tenant_id, email, stream);
DROP INDEX suppression_domain;
CREATE INDEX suppression_domain ON suppression (tenant_id, domain, email, stream);
ALTER TABLE suppression DROP CONSTRAINT suppression_reason_check,
    ADD CONSTRAINT suppression_reason_check CHECK (reason IN ('bounce', 'complaint', 'manual', 'unsubscribe'));

-- Whether the tenant's bulk mail has an unsubscribe link in its header.
ALTER TABLE tenant ADD COLUMN one_click_unsubscribe boolean NOT NULL DEFAULT true;

-- Seals the links, on every node and for as long as somebody may click one: it is never changed.
CREATE TABLE unsubscribe_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    secret   bytea NOT NULL CHECK (length(secret) = 32)
);
INSERT INTO unsubscribe_key (secret)
SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));
