import Capacity
public import Directory
import Outbox
public import Postgres

public import struct Foundation.Date

/// Replays an account's send log: windows over the quota or a share's ceiling, and guarantees missed.
///
/// Quota, ceilings and guarantees are taken as they are now, whatever they were then.
public struct QuotaVerification: Sendable {
    /// Attempts are kept in memory, about 100 bytes each.
    public static let mostAttempts = 5_000_000
    /// Samples this far outside the period help to map what is at its edges.
    private static let sampleReach = 600.0

    private let pool: PostgresPool
    private let account: Account

    public init(pool: PostgresPool, account: Account) {
        self.pool = pool
        self.account = account
    }

    /// - Parameters:
    ///   - begin: what began before is looked at and not counted.
    ///   - progress: told the number of attempts after each page of them.
    /// - Throws: `DispatchError` when the quota is not known or the period holds more than `mostAttempts`.
    public func run(
        from: Date,
        to: Date,
        countingFrom begin: Date? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws -> QuotaReport {
        let (rate, source) = try await quota()
        var timeline = AttemptTimeline(
            samples: try await samples(from: from, to: to),
            period: from.nanoseconds..<max(from.nanoseconds, to.nanoseconds),
            countsFrom: (begin ?? from).nanoseconds,
            isEgress: account.window == .egress
        )
        let log = SendLogReader(pool: pool, accountID: account.id)
        try await log.attempts(from: from, to: to) { page in
            for attempt in page { timeline.add(attempt) }
            guard timeline.attempts <= Self.mostAttempts else {
                throw DispatchError(
                    "more than \(Self.mostAttempts) attempts of account \(account.name) lie in the period: name a shorter one"
                )
            }
            progress(timeline.attempts)
        }
        for (share, since) in try await log.waitingSince() { timeline.add(waitingSince: since, of: share) }
        let audit = try ShareAudit(account: account, rate: rate, timeline: timeline)
        return QuotaReport(
            rate: rate,
            rateSource: source,
            window: Double(WindowAudit.window(rate: rate)) / 1e9,
            attempts: timeline.attempts,
            recipients: timeline.recipients,
            notVerifiable: timeline.notVerifiable,
            clockError: Double(timeline.clockError) / 1e6,
            windows: audit.windows(),
            misses: audit.misses()
        )
    }

    /// The quota that is configured; for `auto`, what SES said last. What is in force may be less just now, because others
    /// use the account.
    private func quota() async throws -> (rate: Double, source: String) {
        if case .fixed(let rate, _, _) = account.quota { return (rate, "configured") }
        let rows = try await pool.query(
            """
            SELECT coalesce(leader.quota, account_state.quota_rate)
            FROM account
            LEFT JOIN leader ON leader.account_id = account.id
            LEFT JOIN account_state ON account_state.account_id = account.id
            WHERE account.id = \(account.id)
            """
        )
        if let rate = try rows.decode(Double?.self).first ?? nil { return (rate, "as SES said last") }
        throw DispatchError(
            "the quota of account \(account.name) is not known yet: run a node that dispatches it, or `sluice doctor`"
        )
    }

    private func samples(from: Date, to: Date) async throws -> [(node: String, epoch: Int64, sample: ClockMap.Sample)] {
        try await pool.query(
            """
            SELECT node, node_epoch, node_ns, (extract(epoch FROM at) * 1000000)::bigint * 1000, error_ns
            FROM clock_sample
            WHERE at > \(from.addingTimeInterval(-Self.sampleReach)) AND at < \(to.addingTimeInterval(Self.sampleReach))
            """
        ).decode(String.self, Int64.self, Int64.self, Int64.self, Int64.self).map { row in
            (row.0, row.1, ClockMap.Sample(node: row.2, database: row.3, error: row.4))
        }
    }
}

extension Date {
    /// Since 1970.
    var nanoseconds: Nanoseconds { Nanoseconds((timeIntervalSince1970 * 1e6).rounded()) * 1000 }

    init(nanoseconds: Nanoseconds) {
        self.init(timeIntervalSince1970: Double(nanoseconds) / 1e9)
    }
}
