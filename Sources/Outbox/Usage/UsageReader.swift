import Foundation
public import Postgres

/// Reads what a tenant used, and what it gets now. Every statement names the tenant.
public struct UsageReader: Sendable {
    /// Rows of one answer: regions are the tenant's own words, so that there may be any number.
    public static let most = 10_000
    private static let timeout = Duration.seconds(2)
    /// Up to which what waits in a lane is counted.
    public static let mostWaiting = 100_000

    private let pool: PostgresPool
    private let most: Int

    public init(pool: PostgresPool) {
        self.init(pool: pool, most: Self.most)
    }

    init(pool: PostgresPool, most: Int) {
        self.pool = pool
        self.most = most
    }

    /// - Parameters:
    ///   - first: a day such as `2026-02-03`; `last`: the last one.
    public func usage(tenantID: Int32, from first: String, to last: String) async throws -> Usage {
        let scope = pool.scoped(to: .tenant(tenantID))
        let (rows, until) = try await scope.withReading(statementsWithin: Self.timeout) { connection in
            let rows = try await connection.query(
                """
                SELECT day::text, region, accepted, sent, delivered, bounced, complained FROM usage_day
                WHERE tenant_id = \(tenantID) AND day >= \(first)::text::date AND day <= \(last)::text::date
                ORDER BY day DESC, region LIMIT \(Int64(most + 1))
                """
            ).decode(String.self, String.self, Int.self, Int.self, Int.self, Int.self, Int.self)
            let until = try await connection.query(Self.countedUntil(tenantID: tenantID)).decode(Date?.self).first
            return (rows, until)
        }
        let days = rows.map { row in
            UsageDay(
                day: row.0,
                region: row.1,
                accepted: row.2,
                sent: row.3,
                delivered: row.4,
                bounced: row.5,
                complained: row.6
            )
        }
        // Without a feed there is nothing to count; with one of which nothing is counted yet, no time is right.
        return page(days, until: until ?? .some(Date()))
    }

    /// Up to when everything is counted, NULL before the first count; no row where there was nothing to count.
    static func countedUntil(tenantID: Int32) -> SQL {
        """
        SELECT CASE WHEN c.seq >= h.seq THEN now() ELSE c.at END
        FROM feed_head AS h LEFT JOIN usage_cursor AS c ON c.tenant_id = h.tenant_id WHERE h.tenant_id = \(tenantID)
        """
    }

    /// Whole days, but where one alone is too much.
    private func page(_ days: [UsageDay], until: Date?) -> Usage {
        guard days.count > most, let cut = days.last?.day else { return Usage(days: days, countedUntil: until) }
        let whole = days.filter { $0.day != cut }
        return whole.isEmpty
            ? Usage(days: Array(days.prefix(most)), hasMore: true, countedUntil: until)
            : Usage(days: whole, next: cut, hasMore: true, countedUntil: until)
    }

    /// What lanes of the tenant get now, in the order of their numbers; others are left out.
    public func rates(tenantID: Int32, lanes: [Int32]) async throws -> [LaneRate] {
        try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
            try await connection.query(WaitingStatement.lanes(lanes, tenantID: tenantID)).map(Self.rate)
        }
    }

    /// How much waits in lanes of the tenant; of more than ``mostWaiting`` that many and one. Others are left out.
    public func depths(tenantID: Int32, lanes: [Int32]) async throws -> [QueueDepth] {
        let bound = Int64(Self.mostWaiting + 1)
        return try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
            try await connection.query(
                """
                SELECT lane.id, (SELECT count(*) FROM (SELECT FROM ready WHERE lane_id = lane.id LIMIT \(bound)) AS r),
                       (SELECT count(*) FROM (SELECT FROM deferred WHERE lane_id = lane.id LIMIT \(bound)) AS d)
                FROM unnest(\(lanes)) AS own (id) JOIN lane ON lane.id = own.id AND lane.tenant_id = \(tenantID) ORDER BY lane.id
                """
            ).decode(Int32.self, Int.self, Int.self)
                .map { QueueDepth(laneID: $0.0, ready: $0.1, deferred: $0.2, oldestAt: nil) }
        }
    }

    private static func rate(_ row: Row) throws -> LaneRate {
        let lane = try row["id", as: Int32.self]
        if try row["paused", as: Bool.self] { return LaneRate(laneID: lane, rate: 0, blocker: .paused) }
        let standing = try row["standing", as: String?.self]
        if standing == "paused" { return LaneRate(laneID: lane, rate: 0, blocker: .paused) }
        if let parked = try row["parked", as: String?.self] {
            return LaneRate(laneID: lane, rate: 0, blocker: AccountPark(rawValue: parked)?.blocker ?? .paused)
        }
        let outlook = LaneOutlook(
            granted: try row["granted", as: Int.self],
            weight: try row["weight", as: Int.self],
            weights: try row["weights", as: Int.self],
            quota: try row["quota", as: Double?.self],
            latency: try row["latency", as: Double.self],
            ceiling: try standing == "slowed" ? row["slow_rate", as: Double.self] : nil
        )
        return LaneRate(laneID: lane, rate: outlook.rate)
    }
}
