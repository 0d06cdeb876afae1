-- What only the release after that may do.
ALTER TABLE outbox DROP COLUMN later_note;
