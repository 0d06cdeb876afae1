import Mail
import Postgres

/// What cancellation and expiry have in common: they take entries out of both queues, and end what they name.
enum WaitingEntries {
    /// Entries of one message that one statement takes: a broadcast is ended in several.
    static let most = 1000

    /// Common table expressions that end the first `most` waiting entries of each of the messages in `source` (id, lane_id,
    /// priority) in either queue with `status`; `owned` then holds the entries, `moved` the rows that were ended.
    ///
    /// An attempt with an unknown outcome is left alone, and so is a row that SES turned out to have.
    ///
    /// - Parameter endsHeld: also what waits for a person's decision after an unknown outcome: this is one.
    static func end(_ source: String, with status: MessageStatus, event: EventType, endsHeld: Bool) -> SQL {
        """
        from_ready AS (
            DELETE FROM ready WHERE ctid = ANY (ARRAY(
                SELECT r.tid FROM \(raw: source) AS s CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM ready
                    WHERE ready.lane_id = s.lane_id AND ready.priority = s.priority
                      AND ready.id BETWEEN s.id AND last_of(s.id)
                    ORDER BY lane_id, priority, id LIMIT \(Int32(most)) FOR UPDATE
                ) AS r))
            RETURNING ready.id
        ), from_deferred AS (
            DELETE FROM deferred WHERE ctid = ANY (ARRAY(
                SELECT d.tid FROM \(raw: source) AS s CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM deferred
                    WHERE deferred.id BETWEEN s.id AND last_of(s.id)
                      AND (deferred.reason NOT IN \(DeferredReason.inDoubt)
                           OR \(endsHeld) AND deferred.due_at = 'infinity')
                    ORDER BY id LIMIT \(Int32(most)) FOR UPDATE
                ) AS d))
            RETURNING deferred.id
        ), owned AS (
            SELECT id FROM from_ready UNION ALL SELECT id FROM from_deferred
        ), moved AS (
            UPDATE outbox SET status = \(status.rank), updated_at = clock_timestamp()
            -- The bounds come ready-made: a function of a row of another table may not choose rows behind the wall.
            FROM (SELECT id, last_of(id) AS last_id FROM owned ORDER BY id) AS owned
            WHERE outbox.id BETWEEN owned.id AND owned.last_id AND outbox.status < \(MessageStatus.sent.rank)
              AND outbox.status <> \(MessageStatus.suppressed.rank)
            RETURNING outbox.tenant_id, outbox.id, outbox.status
        ), happened AS (
            SELECT tenant_id, id, \(event.rawValue) AS identity, \(event.rawValue) AS type, status, NULL::jsonb AS data
            FROM moved
        ), \(EventRecord.record("happened"))
        """
    }
}
