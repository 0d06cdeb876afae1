-- Webhooks: who wants to be told what, and what became of each telling.

CREATE TABLE webhook_endpoint (
    id              uuid PRIMARY KEY,
    tenant_id       integer NOT NULL REFERENCES tenant ON DELETE CASCADE,
    url             text NOT NULL,
    description     text NOT NULL DEFAULT '',
    events          text[],               -- event types; NULL: all
    -- Which mail: {"from_domains": [], "from_addresses": [], "regions": [], "streams": [], "tags": {}}; absent: any.
    filter          jsonb NOT NULL DEFAULT '{}',
    max_rate        integer CHECK (max_rate > 0),       -- requests per second; NULL: as fast as it answers
    secret          bytea NOT NULL CHECK (length(secret) BETWEEN 24 AND 64),
    old_secret      bytea,                -- signs too until old_until
    old_until       timestamptz,
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    disabled_reason text CHECK (disabled_reason IN ('gone', 'failing', 'tenant')),
    disabled_at     timestamptz,
    -- The feed is fanned out up to here. A dead endpoint's cursor stands still, so its backlog takes no room of its own.
    cursor_seq      bigint NOT NULL,
    cursor_at       timestamptz NOT NULL,
    -- Health, written with each attempt's result.
    failures        integer NOT NULL DEFAULT 0,         -- in a row
    failing_since   timestamptz,                        -- the first of them
    failing_from    timestamptz,                        -- when the oldest event of theirs came into the feed
    missed_from     timestamptz,                        -- when the oldest one that disabling discarded did
    hold_until      timestamptz,                        -- nothing is sent before: it asked for a pause
    probe_at        timestamptz,                        -- while it fails: when the next delivery may be tried early
    revive_after    smallint,             -- successes in a row until what is parked comes early; NULL: it was well
    revived_at      timestamptz,                        -- when that happened last
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
CREATE INDEX ON webhook_endpoint (tenant_id, id);

-- One event on its way to one endpoint: the log. Updated columns are unindexed, so updates stay HOT.
CREATE TABLE webhook_delivery (
    id          uuid NOT NULL,            -- UUIDv7 of its making
    endpoint_id uuid NOT NULL,
    tenant_id   integer NOT NULL,
    event_id    uuid NOT NULL,            -- the webhook-id; the same for every delivery of an event
    type        text NOT NULL,
    outbox_id   uuid NOT NULL,            -- with identity: the event
    identity    text NOT NULL,
    sequenced_at timestamptz,             -- when it came into the feed; NULL: it is not there
    replay      boolean NOT NULL DEFAULT false,
    status      smallint NOT NULL DEFAULT 0,            -- 0 pending, 1 delivered, 2 failed, 3 discarded
    -- [{"at", "status_code", "duration_ms", "error"}], oldest first.
    attempts    jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX ON webhook_delivery (endpoint_id, id);
INSERT INTO day_partitioned VALUES
    ('webhook_delivery', false, 'SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)');
SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + n) FROM generate_series(-1, 7) AS n;

-- Deliveries that are to be tried. Of one endpoint at most a few hundred are due within a minute; the others are parked
-- until their retry, and of those there are some thousands at most. Claiming one puts its due time behind the end of the
-- request, so that it comes back by itself when its node dies.
CREATE TABLE webhook_queue (
    endpoint_id uuid NOT NULL,
    replay      boolean NOT NULL,         -- live ones go first
    due_at      timestamptz NOT NULL,
    delivery_id uuid NOT NULL,
    attempt     smallint NOT NULL DEFAULT 0,            -- made so far
    -- Its retry's own time, when it was brought forward. An attempt before that does not count.
    scheduled_at timestamptz,
    -- Due so late that claims need not look at it yet; taken back shortly before or after it is due.
    parked      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (endpoint_id, replay, due_at, delivery_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
-- Where claims look for endpoints: one whose deliveries are all parked costs them nothing.
CREATE INDEX webhook_queue_claimable ON webhook_queue (endpoint_id) WHERE NOT parked;
CREATE INDEX webhook_queue_parked ON webhook_queue (due_at) WHERE parked;

-- A stretch of the feed that an endpoint is to get again; fanned out behind its live events.
CREATE TABLE webhook_replay (
    id          uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoint ON DELETE CASCADE,
    cursor_seq  bigint NOT NULL,
    cursor_at   timestamptz NOT NULL,
    last_seq    bigint NOT NULL,
    deliveries  bigint NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON webhook_replay (endpoint_id, id);
