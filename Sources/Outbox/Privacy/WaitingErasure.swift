import Mail
import Postgres

/// Takes recipients out of mail that waits, so that they can be erased.
enum WaitingErasure {
    /// Lock all that an erasure of these rows may change, in the order that everybody keeps: queue entries before rows, rows by
    /// their ids. The statements behind them change parts of it one after the other, in no such order.
    static func locks(_ rows: [PostgresUUID], tenantID: Int32) -> [SQL] {
        let mine: SQL = """
            SELECT DISTINCT entry.id, m.lane_id, m.priority FROM unnest(\(rows)) AS r (id)
            JOIN message AS m ON m.id = message_of(r.id) AND m.tenant_id = \(tenantID)
            CROSS JOIN LATERAL (VALUES (r.id), (m.id)) AS entry (id)
            """
        return [
            """
            WITH mine AS MATERIALIZED (\(mine))
            SELECT FROM mine JOIN ready ON ready.lane_id = mine.lane_id AND ready.priority = mine.priority AND ready.id = mine.id
            ORDER BY ready.lane_id, ready.priority, ready.id FOR UPDATE OF ready
            """,
            """
            WITH mine AS MATERIALIZED (\(mine))
            SELECT FROM mine JOIN deferred ON deferred.id = mine.id ORDER BY deferred.id FOR UPDATE OF deferred
            """,
            "SELECT FROM outbox WHERE id = ANY (\(rows)) AND tenant_id = \(tenantID) ORDER BY id FOR UPDATE",
        ]
    }

    /// Ends the entries of single recipients; returns how many rows were canceled. What is claimed just now, and an attempt whose
    /// outcome is unknown, is left alone.
    static func cancel(_ rows: [PostgresUUID], tenantID: Int32, on connection: PostgresConnection) async throws -> Int {
        try await connection.query(
            """
            WITH mine AS MATERIALIZED (
                SELECT r.id, message.lane_id, message.priority FROM unnest(\(rows)) AS r (id)
                JOIN message ON message.id = message_of(r.id) AND message.tenant_id = \(tenantID)
            ), \(WaitingEntries.end("mine", with: .canceled, event: .canceled, endsHeld: true))
            SELECT count(*) FROM moved
            """
        ).decode(Int.self).first ?? 0
    }

    /// Leaves them out of calls that go to several at once and wait; returns how many rows that were.
    static func leaveOut(_ rows: [PostgresUUID], tenantID: Int32, on connection: PostgresConnection) async throws -> Int
    {
        let suppressed = EventType.suppressed.rawValue
        return try await connection.query(
            """
            WITH mine AS MATERIALIZED (
                SELECT r.id, m.id AS message_id, m.lane_id, m.priority FROM unnest(\(rows)) AS r (id)
                JOIN message AS m ON m.id = message_of(r.id) AND m.tenant_id = \(tenantID) AND NOT m.split
            ), from_ready AS MATERIALIZED (
                SELECT ready.id FROM mine JOIN ready ON ready.lane_id = mine.lane_id AND ready.priority = mine.priority
                    AND ready.id = mine.message_id
                FOR UPDATE OF ready SKIP LOCKED
            ), from_deferred AS MATERIALIZED (
                SELECT deferred.id FROM mine JOIN deferred ON deferred.id = mine.message_id
                    AND deferred.reason NOT IN \(DeferredReason.inDoubt)
                FOR UPDATE OF deferred SKIP LOCKED
            ), moved AS (
                UPDATE outbox SET status = \(MessageStatus.suppressed.rank), updated_at = clock_timestamp()
                FROM (SELECT id FROM mine
                      WHERE message_id IN (SELECT id FROM from_ready UNION ALL SELECT id FROM from_deferred)
                      ORDER BY id) AS mine
                WHERE outbox.id = mine.id AND outbox.status < \(RowErasure.leastOver)
                RETURNING outbox.tenant_id, outbox.id, outbox.status
            ), happened AS (
                SELECT tenant_id, id, \(suppressed) AS identity, \(suppressed) AS type, status, NULL::jsonb AS data FROM moved
            ), \(EventRecord.record("happened"))
            SELECT count(*) FROM moved
            """
        ).decode(Int.self).first ?? 0
    }
}
