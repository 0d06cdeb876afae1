import Postgres

/// How events are recorded: the row that says what happened, and the note for the sequencer, in the statement that made
/// it happen.
enum EventRecord {
    /// Common table expressions that record the events in `source` (tenant_id, id, identity, type, status, data; id is the
    /// outbox row's), each once however often it is told; `told` then holds (tenant_id, outbox_id, identity) of the new
    /// ones. `at` is a column of `source` when `hasTime`, else now.
    static func record(_ source: SQL, hasTime: Bool = false) -> SQL {
        """
        told AS (
            INSERT INTO event (tenant_id, outbox_id, identity, id, type, status, data, at)
            SELECT tenant_id, id, identity, new_id(), type, status, data,
                   \(hasTime ? "at" as SQL : "clock_timestamp()" as SQL)
            FROM \(source) AS happened
            ON CONFLICT DO NOTHING
            RETURNING tenant_id, outbox_id, identity
        ), \(note("told"))
        """
    }

    /// The common table expression that queues the events in `source` (tenant_id, outbox_id, identity) for the feed.
    static func note(_ source: SQL) -> SQL {
        """
        noted AS (
            INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
            SELECT array_agg(tenant_id), array_agg(outbox_id), array_agg(identity) FROM \(source) AS told
            HAVING count(*) > 0
        )
        """
    }
}
