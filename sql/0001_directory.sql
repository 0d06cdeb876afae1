-- The directory: what is configured. Small, read often, written by `apply`, the CLI and the admin API only.

-- Raised by every change to the directory; nodes poll it and reload what they keep in memory.
CREATE TABLE directory_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL DEFAULT 0
);
INSERT INTO directory_version DEFAULT VALUES;

-- One SES account in one AWS region.
CREATE TABLE account (
    id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text NOT NULL UNIQUE,
    aws_region        text NOT NULL,
    endpoint          text,                       -- NULL: AWS's own
    quota_rate        double precision CHECK (quota_rate > 0),  -- recipients per second; NULL: ask SES (auto)
    quota_daily       bigint CHECK (quota_daily >= -1),         -- per rolling 24 h; -1: unlimited; NULL with quota_rate NULL
    credit_window     text NOT NULL DEFAULT 'response' CHECK (credit_window IN ('response', 'egress')),
    configuration_set text,
    credentials       jsonb,                      -- {"profile": ...} or {"role_arn": ...}; NULL: the AWS chain
    sns_topics        text[] NOT NULL DEFAULT '{}',
    sqs_queue_url     text,
    paused            boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL DEFAULT now()
);

-- The share tree of an account. The root (path '') is the account itself; its rate is the quota and not stored.
CREATE TABLE share (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     integer NOT NULL REFERENCES account ON DELETE CASCADE,
    path           text NOT NULL,
    rate           integer CHECK (rate >= 0),     -- whole credits; NULL for the root
    ceiling        integer CHECK (ceiling > 0),   -- NULL: the rate, or the parent's
    ceiling_parent boolean NOT NULL DEFAULT false,
    weight         integer NOT NULL DEFAULT 1 CHECK (weight > 0),
    lend           boolean NOT NULL DEFAULT true,
    position       integer NOT NULL DEFAULT 0,    -- order among siblings, as configured
    UNIQUE (account_id, path),
    CHECK ((path = '') = (rate IS NULL))
);

CREATE TABLE tenant (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE,
    display_name   text,
    from_domains   text[] NOT NULL DEFAULT '{}',  -- domains or whole addresses, lower case, Punycode
    default_region text,
    limits         jsonb NOT NULL DEFAULT '{}',
    unknown_policy text NOT NULL DEFAULT 'resend' CHECK (unknown_policy IN ('resend', 'hold', 'fail')),
    status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    created_at     timestamptz NOT NULL DEFAULT now()
);

-- Which share a tenant's mail for a region goes through. Region '*' takes every other region.
CREATE TABLE route (
    tenant_id integer NOT NULL REFERENCES tenant ON DELETE CASCADE,
    region    text NOT NULL,
    share_id  integer NOT NULL REFERENCES share,
    PRIMARY KEY (tenant_id, region)
);

-- A queue: share / tenant / stream. Never deleted while rows wait in it.
CREATE TABLE lane (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    share_id  integer NOT NULL REFERENCES share,
    tenant_id integer NOT NULL REFERENCES tenant,
    stream    text NOT NULL CHECK (stream IN ('transactional', 'bulk')),
    weight    integer NOT NULL DEFAULT 1 CHECK (weight > 0),
    UNIQUE (share_id, tenant_id, stream)
);

-- Keys are random and long, so a plain SHA-256 of them is enough; the key itself is shown once and not kept.
CREATE TABLE api_key (
    id         uuid PRIMARY KEY,
    tenant_id  integer REFERENCES tenant ON DELETE CASCADE,  -- NULL: an admin key
    label      text NOT NULL DEFAULT '',
    hash       bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    hint       text NOT NULL,                                -- the first characters, to recognise it by
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE audit (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    actor  text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
