import Foundation
import Mail
public import Postgres

/// Reads what a weekly report says. Every statement names the tenant.
///
/// Figures are the counters of usage; why mail failed is read from the latest failures, of which it looks at so many and no more.
public struct ReportReader: Sendable {
    /// Weeks before the one that is asked for.
    static let earlier = 4
    private static let timeout = Duration.seconds(5)
    /// Failures of one status that are looked at.
    private static let bound = 20_000
    /// Reasons, and domains, of each.
    private static let parts = 10
    /// What a person should look at, the worst first.
    private static let statuses: [MessageStatus] = [
        .complained, .bounced, .rejected, .failed, .unknown, .suppressed, .expired, .canceled, .delayed,
    ]

    private let pool: PostgresPool
    private let bound: Int

    /// - Parameter pool: one for searches, which keep nobody's mail waiting.
    public init(pool: PostgresPool) {
        self.init(pool: pool, bound: Self.bound)
    }

    init(pool: PostgresPool, bound: Int) {
        self.pool = pool
        self.bound = bound
    }

    public func report(tenantID: Int32, week: ReportWeek) async throws -> WeeklyReport {
        let scope = pool.scoped(to: .tenant(tenantID))
        return try await scope.withReading(statementsWithin: Self.timeout) { connection in
            let days = try await Self.days(tenantID, week, on: connection)
            let until = try await connection.query(UsageReader.countedUntil(tenantID: tenantID)).decode(Date?.self)
                .first
            try await connection.execute(ListReader.planning)
            var troubles: [WeeklyReport.Trouble] = []
            for status in Self.statuses {
                troubles.append(try await trouble(status, tenantID, week, on: connection))
            }
            return WeeklyReport(
                week: week,
                days: week.days.map { days[$0] ?? .init() },
                earlier: (1...Self.earlier).map { back in
                    week.moved(-back).days.reduce(into: WeeklyReport.Counts()) { $0 += days[$1] ?? .init() }
                },
                troubles: troubles,
                countedUntil: until ?? .some(Date())
            )
        }
    }

    private static func days(
        _ tenantID: Int32,
        _ week: ReportWeek,
        on connection: PostgresConnection
    ) async throws -> [String: WeeklyReport.Counts] {
        let first = week.moved(-earlier).days[0]
        let last = week.days[6]
        let rows = try await connection.query(
            """
            SELECT day::text, sum(accepted)::bigint, sum(sent)::bigint, sum(delivered)::bigint, sum(bounced)::bigint,
                   sum(complained)::bigint
            FROM usage_day
            WHERE tenant_id = \(tenantID) AND day >= \(first)::text::date AND day <= \(last)::text::date GROUP BY day
            """
        ).decode(String.self, Int.self, Int.self, Int.self, Int.self, Int.self)
        return Dictionary(
            rows.map { row in
                (
                    row.0,
                    WeeklyReport.Counts(
                        accepted: row.1,
                        sent: row.2,
                        delivered: row.3,
                        bounced: row.4,
                        complained: row.5
                    )
                )
            }
        ) { first, _ in first }
    }

    /// Of the mail that was accepted in the week, what has this status now.
    private func trouble(
        _ status: MessageStatus,
        _ tenantID: Int32,
        _ week: ReportWeek,
        on connection: PostgresConnection
    ) async throws -> WeeklyReport.Trouble {
        let rows = try await connection.query(statement(status, tenantID, week), prepared: false)
            .decode(Int.self, String?.self, Int.self, Bool.self)
        func parts(_ grouping: Int) -> [WeeklyReport.Trouble.Part] {
            rows.filter { $0.0 == grouping }.map { .init(name: $0.1 ?? "", count: $0.2) }
        }
        let all = rows.first { $0.0 == 3 }
        return WeeklyReport.Trouble(
            status: status,
            count: all?.2 ?? 0,
            isPart: all?.3 ?? false,
            reasons: parts(2),
            domains: parts(1)
        )
    }

    /// Rows of cut (1: domains, 2: reasons, 3: all), what it is, how many, and whether there was more to look at.
    private func statement(_ status: MessageStatus, _ tenantID: Int32, _ week: ReportWeek) -> SQL {
        let range = IDRange(from: week.start, before: week.end)
        return """
            WITH found AS MATERIALIZED (
                SELECT outbox_id AS id, data FROM event
                WHERE tenant_id = \(tenantID) AND status = \(status.rank)
                  AND status >= 30 AND status <> 50 AND status <> 80
                  AND outbox_id >= \(range.low) AND outbox_id < \(range.high)
                ORDER BY outbox_id DESC LIMIT \(Int64(bound))
            ), failed AS (
                -- A row may have several such events, and stand better by now.
                SELECT DISTINCT ON (found.id) split_part(lower(o.email), '@', -1) AS domain,
                       left(coalesce(
                           nullif(concat_ws('/', found.data #>> '{bounce,type}', found.data #>> '{bounce,sub_type}',
                                            found.data #>> '{bounce,status}'), ''),
                           found.data #>> '{complaint,feedback_type}', found.data #>> '{delay,type}',
                           found.data ->> 'reason', ''), 200) AS reason
                FROM found CROSS JOIN LATERAL (
                    SELECT email FROM outbox
                    WHERE id = found.id AND id >= \(range.low) AND id < \(range.high) AND tenant_id = \(tenantID)
                      AND status = \(status.rank) OFFSET 0
                ) AS o ORDER BY found.id
            ), sorted AS (
                SELECT grouping(domain, reason) AS cut, coalesce(domain, reason) AS name, count(*) AS count
                FROM failed GROUP BY GROUPING SETS ((), (domain), (reason))
            )
            SELECT ranked.cut, ranked.name, ranked.count, (SELECT count(*) FROM found) >= \(Int64(bound))
            FROM (
                SELECT sorted.*, row_number() OVER (PARTITION BY cut ORDER BY count DESC, name) AS place FROM sorted
            ) AS ranked
            WHERE ranked.place <= \(Int64(Self.parts)) ORDER BY ranked.cut, ranked.place
            """
    }
}
