import Mail
public import Postgres

/// Finds the queues that have rows by a loose index scan: one probe a queue, whatever the backlog.
public struct QueueScan: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    public func queues() async throws -> [QueueSign] {
        let rows = try await pool.query(
            """
            WITH RECURSIVE queue AS (
                (SELECT lane_id, priority FROM ready ORDER BY lane_id, priority LIMIT 1)
                UNION ALL
                SELECT next.lane_id, next.priority
                FROM queue CROSS JOIN LATERAL (
                    SELECT lane_id, priority FROM ready
                    WHERE (lane_id, priority) > (queue.lane_id, queue.priority)
                    ORDER BY lane_id, priority LIMIT 1
                ) AS next
            )
            SELECT lane_id, priority FROM queue
            """
        )
        return try rows.decode(Int32.self, Int16.self).compactMap { row in
            Priority(rawValue: row.1).map { QueueSign(laneID: row.0, priority: $0) }
        }
    }
}
