-- Traces: which span accepted a message, so that what is done for it later joins the same trace. 16 bytes of the trace's id and 8 of
-- the span's; NULL, and no byte in the row, for mail whose trace is not recorded.
ALTER TABLE message ADD COLUMN trace bytea;
