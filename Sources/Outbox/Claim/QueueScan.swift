import Mail
public import Postgres

/// Finds the queues that have rows by a loose index scan: one probe a queue, whatever the backlog.
public struct QueueScan: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Every queue with rows, and how many recipients wait in it.
    ///
    /// - Parameter most: entries are counted up to here in each: enough to tell a few from many.
    public func queues(countingTo most: Int = 100) async throws -> [QueueSign] {
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
            SELECT queue.lane_id, queue.priority, counted.recipients, counted.entries >= \(most)
            FROM queue CROSS JOIN LATERAL (
                SELECT count(*) AS entries, coalesce(sum(recipients), 0)::bigint AS recipients FROM (
                    SELECT recipients FROM ready
                    WHERE ready.lane_id = queue.lane_id AND ready.priority = queue.priority
                    ORDER BY lane_id, priority, id LIMIT \(Int32(most))
                ) AS first
            ) AS counted
            """
        )
        return try rows.decode(Int32.self, Int16.self, Int.self, Bool.self).compactMap { row in
            Priority(rawValue: row.1).map { QueueSign(laneID: row.0, priority: $0, rows: row.3 ? .many : .all(row.2)) }
        }
    }
}
