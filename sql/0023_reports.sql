-- Weekly reports: who gets a tenant's, and which have been mailed.

-- {"to": [...], "from": ..., "region": ...}; NULL: nobody gets any.
ALTER TABLE tenant ADD COLUMN report jsonb;

-- One row for each tenant and week: the turn of the node that mails it. The message's id is decided with the row, so that whoever
-- takes over after a crash accepts the same message again, and the outbox's key refuses it a second time.
CREATE TABLE report_mail (
    tenant_id   integer NOT NULL,
    week        date NOT NULL,             -- its Monday
    message_id  uuid NOT NULL,
    taken_until timestamptz NOT NULL,      -- until then nobody else takes it up
    tries       integer NOT NULL DEFAULT 1,
    settled_at  timestamptz,
    outcome     text CHECK (outcome IN ('mailed', 'no_traffic')),
    recipients  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, week),
    CHECK ((settled_at IS NULL) = (outcome IS NULL))
);
SELECT wall_off('report_mail', rights => 'SELECT');
