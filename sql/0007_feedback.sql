-- Feedback: what SES says about mail that it took.

-- Events without our tags whose SES message id no row has yet: SES's word overtook the settle of its own send.
CREATE TABLE feedback_waiting (
    ses_message_id text NOT NULL,
    identity       text NOT NULL,
    account_id     integer NOT NULL,
    recipient      text,
    type           text NOT NULL,
    at             timestamptz NOT NULL,
    data           jsonb,
    suppression    text,                  -- the reason, when the event suppresses its recipient
    waits_until    timestamptz NOT NULL,  -- after this it is not ours
    PRIMARY KEY (ses_message_id, identity)
);
CREATE INDEX ON feedback_waiting (account_id, waits_until);

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
    attempts   smallint NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, email)
);
