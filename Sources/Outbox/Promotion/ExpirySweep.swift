import Mail
public import Postgres

/// Ends the waiting of entries whose time to be sent is over, wherever they wait.
public struct ExpirySweep: Sendable {
    public static let batch = 500

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Expires at most `batch` messages; returns how many were due.
    ///
    /// An entry that is being sent just now is not touched: its claimer looks at the time itself.
    public func sweep() async throws -> Int {
        let rows = try await pool.query(
            """
            WITH due AS MATERIALIZED (
                SELECT ctid AS tid, id, lane_id, priority FROM expiry
                WHERE expires_at <= now() ORDER BY expires_at, id LIMIT \(Int32(Self.batch)) FOR UPDATE SKIP LOCKED
            ), gone AS (
                DELETE FROM expiry WHERE ctid = ANY (ARRAY(SELECT tid FROM due))
            ), from_ready AS (
                DELETE FROM ready USING due
                WHERE ready.lane_id = due.lane_id AND ready.priority = due.priority
                  AND ready.id BETWEEN due.id AND last_of(due.id)
                RETURNING ready.id
            ), from_deferred AS (
                DELETE FROM deferred USING due
                WHERE deferred.id BETWEEN due.id AND last_of(due.id)
                  AND deferred.reason <> \(DeferredReason.unknown.rawValue)
                RETURNING deferred.id
            ), owned AS (
                SELECT id FROM from_ready UNION ALL SELECT id FROM from_deferred
            ), moved AS (
                UPDATE outbox SET status = \(MessageStatus.expired.rank), updated_at = clock_timestamp()
                FROM owned
                WHERE outbox.id BETWEEN owned.id AND last_of(owned.id) AND outbox.status < \(MessageStatus.sent.rank)
                RETURNING outbox.id
            ), told AS (
                INSERT INTO event (outbox_id, identity, id, type)
                SELECT id, \(EventType.expired.rawValue), new_id(), \(EventType.expired.rawValue) FROM moved
                ON CONFLICT DO NOTHING
            )
            SELECT count(*) FROM due
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }
}
