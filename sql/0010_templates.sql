-- Stored templates, and broadcasts: one message to tens of thousands.

CREATE TABLE template (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  integer NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name       text COLLATE "C" NOT NULL,
    version    integer NOT NULL DEFAULT 1,   -- the one that is used unless another is named
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz                -- hidden since; queued mail is still filled with its versions
);
CREATE UNIQUE INDEX ON template (tenant_id, name) WHERE deleted_at IS NULL;
CREATE INDEX ON template (tenant_id, deleted_at) WHERE deleted_at IS NOT NULL;

-- What a template said at a time. Never changed, so that what was checked when mail was accepted is what is sent.
CREATE TABLE template_version (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    template_id bigint NOT NULL REFERENCES template ON DELETE CASCADE,
    version     integer NOT NULL,
    subject     text NOT NULL,
    text        text,
    html        text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz,              -- no new mail without naming it since; goes when none can wait any more
    UNIQUE (template_id, version)
);

-- What a broadcast's recipient has of its own, as JSON; in the partition of its row, and dropped with the bodies.
CREATE TABLE recipient_data (
    id   uuid NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
INSERT INTO day_partitioned VALUES ('recipient_data', false, 'ALTER COLUMN data SET COMPRESSION lz4');
SELECT make_partitions((now() AT TIME ZONE 'UTC')::date + n) FROM generate_series(-1, 7) AS n;

-- A broadcast has more recipients than a smallint counts. (An entry of a queue or a claim never does: its recipients go in one
-- call.)
ALTER TABLE message ALTER COLUMN recipients TYPE integer;
