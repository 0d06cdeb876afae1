import Mail
public import Postgres

/// Finds the queues that have rows, whatever the backlog: one probe for a queue whose mark is known, and a loose index scan over
/// the lanes between those.
public struct QueueScan: Sendable {
    private let pool: PostgresPool
    private let marks: QueueMarks

    /// - Parameter marks: the node's.
    public init(pool: PostgresPool, marks: QueueMarks = QueueMarks()) {
        self.pool = pool
        self.marks = marks
    }

    /// Every queue with rows, and how many recipients wait in it.
    ///
    /// - Parameters:
    ///   - most: entries are counted up to here in each: enough to tell a few from many.
    ///   - isWhole: look from the start of each queue, and lower the marks to what is found there. Entries that are gone but
    ///     for an old snapshot are walked through.
    public func queues(countingTo most: Int = 100, isWhole: Bool = false) async throws -> [QueueSign] {
        let rows = try await pool.query(Self.statement(isWhole ? [] : marks.lanes(), countingTo: most))
            .decode(Int32.self, Int16.self, Int.self, Bool.self, PostgresUUID.self)
        return rows.compactMap { lane, priority, recipients, isMany, first in
            guard let priority = Priority(rawValue: priority) else { return nil }
            if isWhole { marks.lower(QueueMarks.Queue(laneID: lane, priority: priority), to: first) }
            return QueueSign(laneID: lane, priority: priority, rows: isMany ? .many : .all(recipients))
        }
    }

    /// The statement of `queues`; for the test of its plan.
    ///
    /// Row comparisons say where a scan begins, never where it ends: PostgreSQL would read on to the end of the index.
    ///
    /// - Parameter lanes: those with marks, in their order.
    package static func statement(_ lanes: [(laneID: Int32, firsts: [PostgresUUID])], countingTo most: Int) -> SQL {
        let queues = lanes.flatMap { lane in
            zip(Priority.allCases, lane.firsts).map { (laneID: lane.laneID, priority: $0, first: $1) }
        }
        // The lanes in between have no marks.
        let borders = [0] + lanes.map(\.laneID) + [.max]
        let gaps = zip(borders, borders.dropFirst()).filter { $0.0 + 1 < $0.1 }
        return """
            WITH RECURSIVE unmarked AS (
                SELECT r.lane_id, r.priority, gap.until
                FROM unnest(\(gaps.map(\.0)), \(gaps.map(\.1))) AS gap (after, until) CROSS JOIN LATERAL (
                    SELECT lane_id, priority FROM ready
                    WHERE lane_id > gap.after AND lane_id < gap.until ORDER BY lane_id, priority LIMIT 1
                ) AS r
                UNION ALL
                SELECT r.lane_id, r.priority, queue.until
                FROM unmarked AS queue CROSS JOIN LATERAL (
                    SELECT lane_id, priority FROM ready
                    WHERE (lane_id, priority) > (queue.lane_id, queue.priority) AND lane_id < queue.until
                    ORDER BY lane_id, priority LIMIT 1
                ) AS r
            )
            SELECT queue.lane_id, queue.priority, counted.recipients, counted.entries >= \(most), counted.first
            FROM (
                SELECT lane_id, priority, first
                FROM unnest(\(queues.map(\.laneID)), \(queues.map(\.priority.rawValue)), \(queues.map(\.first)))
                    AS marked (lane_id, priority, first)
                UNION ALL
                SELECT lane_id, priority, \(PostgresUUID.lowest) FROM unmarked
            ) AS queue CROSS JOIN LATERAL (
                SELECT count(*) AS entries, sum(recipients)::bigint AS recipients, (array_agg(id))[1] AS first FROM (
                    SELECT id, recipients FROM ready
                    WHERE ready.lane_id = queue.lane_id AND ready.priority = queue.priority AND id >= queue.first
                    ORDER BY lane_id, priority, id LIMIT \(Int32(most))
                ) AS head
            ) AS counted
            WHERE counted.entries > 0
            """
    }
}
