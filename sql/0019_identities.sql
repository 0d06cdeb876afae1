-- Sender identities: how a tenant's mail goes out through an account, and what SES and DNS say of its domains and addresses.

ALTER TABLE tenant
    ADD COLUMN shared_domains text[] NOT NULL DEFAULT '{}',  -- those of from_domains that other tenants may use, too
    ADD COLUMN senders jsonb NOT NULL DEFAULT '[]';          -- identity, feedback address and configuration sets, as configured

-- Names are compared in lower case; what is configured from now on is stored so.
UPDATE tenant SET from_domains = (SELECT coalesce(array_agg(lower(d) ORDER BY place), '{}')
                                  FROM unnest(from_domains) WITH ORDINALITY AS f (d, place));

-- What was found out about a domain or an address at an account's SES, and in DNS.
CREATE TABLE identity (
    account_id     integer NOT NULL REFERENCES account ON DELETE CASCADE,
    name           text NOT NULL,
    -- An admin wants SES to have it, whether a tenant uses it or not.
    registered     boolean NOT NULL DEFAULT false,
    -- That is still to be asked of SES.
    create_wanted  boolean NOT NULL DEFAULT false,
    mail_from      text,                   -- the MAIL FROM domain that SES is still to be told
    ses            jsonb,                  -- as SES said last; NULL: it knows none, or was never asked
    dns            jsonb,                  -- as DNS said last
    error          text,                   -- why the last question got no answer
    checked_at     timestamptz,            -- when SES answered last
    due_at         timestamptz NOT NULL DEFAULT now(),
    -- Since when it has been as it is: a young one is looked at often.
    since          timestamptz NOT NULL DEFAULT now(),
    failures       integer NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, name)
) WITH (fillfactor = 50);
CREATE INDEX identity_due ON identity (account_id, due_at);
CREATE INDEX identity_name ON identity (name);

-- Which node asks SES about identities: whoever takes the turn, for as long as a check may take. SES answers one such question a
-- second and account.
CREATE TABLE identity_turn (
    account_id integer PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    free_at    timestamptz NOT NULL
) WITH (fillfactor = 50);
