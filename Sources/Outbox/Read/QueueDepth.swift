public import Foundation
public import Postgres

/// How much waits in a lane.
public struct QueueDepth: Sendable {
    public let laneID: Int32
    public let ready: Int
    public let deferred: Int
    public let oldestAt: Date?

    /// Reads the depth of every lane with rows, but of tests. Counts rows: for people, not for the hot path.
    public static func all(_ pool: PostgresPool) async throws -> [QueueDepth] {
        try await pool.query(
            """
            SELECT lane_id, sum(ready)::bigint, sum(deferred)::bigint, min(oldest)
            FROM (
                SELECT lane_id, count(*) AS ready, 0 AS deferred,
                       min(to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)) AS oldest
                FROM ready GROUP BY lane_id
                UNION ALL
                SELECT lane_id, 0, count(*), NULL FROM deferred GROUP BY lane_id
            ) AS depth
            WHERE NOT EXISTS (SELECT FROM lane WHERE lane.id = depth.lane_id AND lane.test)
            GROUP BY lane_id ORDER BY lane_id
            """
        ).decode(Int32.self, Int.self, Int.self, Date?.self).map {
            QueueDepth(laneID: $0.0, ready: $0.1, deferred: $0.2, oldestAt: $0.3)
        }
    }
}
