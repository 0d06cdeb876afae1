-- Feedback: what SES says about mail that it took.

-- Whether SES has said anything about a row since it took the call. (`email.sent` is one event, whoever said it first: our
-- own settling or SES.)
ALTER TABLE outbox ADD COLUMN heard boolean NOT NULL DEFAULT false;

-- Events without our tags whose SES message id no row has yet: SES's word overtook the settle of its own send.
CREATE TABLE feedback_waiting (
    account_id     integer NOT NULL REFERENCES account ON DELETE CASCADE,
    ses_message_id text NOT NULL,
    identity       text NOT NULL,
    recipient      text NOT NULL,         -- '': everybody in the call
    type           text NOT NULL,
    at             timestamptz NOT NULL,
    data           jsonb NOT NULL,
    suppression    text,                  -- the reason, when the event suppresses its recipient
    alarm_kind     text,                  -- what is raised with it, when an operator has to act
    alarm_object   text,
    alarm_detail   text,
    next_at        timestamptz NOT NULL DEFAULT now(),  -- when it is looked for again
    looks          smallint NOT NULL DEFAULT 0,
    waits_until    timestamptz NOT NULL,  -- after this it is not ours
    PRIMARY KEY (account_id, ses_message_id, identity, recipient)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX ON feedback_waiting (next_at);

-- What came in and can never be applied, for the operator to see. Bounded for each account: the oldest go.
CREATE TABLE feedback_kept (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id integer,
    source     text NOT NULL,             -- a topic's ARN, a queue's URL, or '' where neither is known
    reason     text NOT NULL,             -- such as bad_signature, unlisted_topic, not_json, unknown_type
    detail     text NOT NULL,             -- in words
    body       text NOT NULL              -- its first 16 KiB
);
CREATE INDEX ON feedback_kept (account_id, id);

-- Where feedback comes from, and when it came last. Written every few seconds at most.
CREATE TABLE feedback_source (
    account_id   integer NOT NULL REFERENCES account ON DELETE CASCADE,
    source       text NOT NULL,           -- a topic's ARN or a queue's URL
    confirmed_at timestamptz,             -- of the subscription, for a topic
    ended_at     timestamptz,             -- when SNS said that the subscription was ended
    received_at  timestamptz,             -- of the last notification
    event_at     timestamptz,             -- of the last event about mail of ours
    events       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, source)
);

-- What an operator has to look after; one row for each kind and object, counted up.
CREATE TABLE operator_alarm (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    kind       text NOT NULL,             -- such as private_relay
    object     text NOT NULL,             -- such as the sender's domain
    detail     text NOT NULL,
    times      bigint NOT NULL DEFAULT 1,
    first_at   timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, kind, object)
);

-- Suppressions on their way into SES's own list of an account, where that is wanted.
ALTER TABLE account ADD COLUMN mirror_suppressions boolean NOT NULL DEFAULT false;
CREATE TABLE suppression_mirror (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    email      text NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('bounce', 'complaint')),
    removes    boolean NOT NULL DEFAULT false,
    version    integer NOT NULL DEFAULT 1,              -- raised when it is wanted otherwise meanwhile
    attempts   smallint NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, email)
);
CREATE INDEX ON suppression_mirror (account_id, due_at);

-- When the account's list may be called next, by whichever node: further ahead than a call takes while one is under way.
CREATE TABLE suppression_mirror_turn (
    account_id integer PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    free_at    timestamptz NOT NULL
);
