public import Foundation
public import Postgres

/// What waits in one lane. Bounded to read, however much waits: for pictures that are made again and again.
public struct LaneBacklog: Sendable, Equatable {
    /// Entries of a lane that are counted at most.
    public static let mostCounted = 100_000

    public let laneID: Int32
    /// Recipients.
    public let ready: Int
    /// Entries.
    public let deferred: Int
    public let oldestAt: Date?

    public init(laneID: Int32, ready: Int, deferred: Int, oldestAt: Date?) {
        self.laneID = laneID
        self.ready = ready
        self.deferred = deferred
        self.oldestAt = oldestAt
    }

    /// Of every lane with rows, but of tests, by lane number; also of those whose account was removed. The lanes are found by loose
    /// scans of the queues.
    public static func all(_ pool: PostgresPool) async throws -> [LaneBacklog] {
        try await pool.query(
            """
            WITH RECURSIVE busy AS (
                (SELECT lane_id FROM ready ORDER BY lane_id LIMIT 1)
                UNION ALL
                SELECT (SELECT ready.lane_id FROM ready WHERE ready.lane_id > busy.lane_id ORDER BY ready.lane_id LIMIT 1)
                FROM busy WHERE busy.lane_id IS NOT NULL
            ), later AS (
                (SELECT lane_id FROM deferred ORDER BY lane_id LIMIT 1)
                UNION ALL
                SELECT (SELECT d.lane_id FROM deferred AS d WHERE d.lane_id > later.lane_id ORDER BY d.lane_id LIMIT 1)
                FROM later WHERE later.lane_id IS NOT NULL
            )
            SELECT found.lane_id, coalesce(depth.recipients, 0), depth.deferred, depth.oldest
            FROM (SELECT lane_id FROM busy UNION SELECT lane_id FROM later) AS found
            LEFT JOIN lane ON lane.id = found.lane_id
            CROSS JOIN LATERAL (
                SELECT (SELECT sum(recipients) FROM (
                            SELECT recipients FROM ready WHERE ready.lane_id = found.lane_id
                            ORDER BY priority, id LIMIT \(Int64(mostCounted))
                        ) AS entry)::bigint AS recipients,
                       (SELECT count(*) FROM (
                            SELECT FROM deferred WHERE deferred.lane_id = found.lane_id
                            ORDER BY due_at, id LIMIT \(Int64(mostCounted))
                        ) AS entry) AS deferred,
                       (SELECT min(time_of_id) FROM generate_series(0, 2) AS p (priority) CROSS JOIN LATERAL (
                            SELECT to_timestamp(('x' || left(replace(ready.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
                                AS time_of_id
                            FROM ready WHERE ready.lane_id = found.lane_id AND ready.priority = p.priority
                            ORDER BY ready.id LIMIT 1
                        ) AS first) AS oldest
            ) AS depth
            WHERE found.lane_id IS NOT NULL AND lane.test IS NOT TRUE
            ORDER BY found.lane_id
            """
        ).decode(Int32.self, Int.self, Int.self, Date?.self).map {
            LaneBacklog(laneID: $0.0, ready: $0.1, deferred: $0.2, oldestAt: $0.3)
        }
    }
}
