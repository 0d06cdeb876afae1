import Capacity
import Directory
import Foundation
import Postgres

/// Which stretch of an account's send log is looked at next, and what of that is new.
///
/// A look stays behind, since an attempt is logged when its outcome is written; what is written later still is left to
/// `sluice verify-quota`. It begins before the last one's end, so that a window across the two is seen. What was sent while the
/// quota or the shares changed is not looked at, since the log is held against what is in force now; of a fast account only the last
/// seconds are.
struct AuditCourse {
    /// SES answers a call within half a minute, or hardly ever; the outcome is written within a second unless the database is away.
    static let lag: TimeInterval = 75
    private static let mostRecipients = 30_000.0
    /// How much later than its call's end SES may have counted, and what clocks may be off.
    private static let margin: TimeInterval = 1
    /// Times of one attempt differ by less than this between two looks.
    private static let accuracy: TimeInterval = 0.01

    /// What no look before has found.
    struct News {
        let windows: [QuotaReport.Window]
        let recipients: Int
    }

    /// What the log is held against.
    private struct Terms: Equatable {
        let version: Int64
        let rate: Double
    }

    private struct Look {
        let terms: Terms
        /// When these terms were first found.
        let since: Date
        /// Up to when the log was read.
        let to: Date
        let windows: [QuotaReport.Window]
    }

    private var last: Look?

    /// Nil where the terms were others while the stretch was sent, as far as is known.
    mutating func look(at account: Account, in pool: PostgresPool, now: Date) async throws -> News? {
        let to = now.addingTimeInterval(-Self.lag)
        let reach = Self.mostRecipients / max(1, account.rate ?? 500)
        let begin = max(last?.to ?? to, to.addingTimeInterval(-reach))
        let window = Double(WindowAudit.window(rate: last?.terms.rate ?? 1)) / 1e9
        let from = begin.addingTimeInterval(-window - Self.margin)
        let report = try await QuotaVerification(pool: pool, account: account)
            .run(from: from, to: to, countingFrom: begin)
        let terms = Terms(version: account.version, rate: report.rate)
        let before = last
        let since = before?.terms == terms ? before?.since ?? now : now
        last = Look(terms: terms, since: since, to: to, windows: report.windows)
        guard since <= from, begin < to else { return nil }
        let windows = report.windows.filter { window in
            !(before?.windows ?? []).contains { $0.holds(window, accuracy: Self.accuracy) }
        }
        return News(windows: windows, recipients: report.recipients)
    }
}

extension QuotaReport.Window {
    /// Whether the other is this one, or the end of it.
    fileprivate func holds(_ other: Self, accuracy: TimeInterval) -> Bool {
        share == other.share && isCertain == other.isCertain && most >= other.most
            && to.addingTimeInterval(accuracy) >= other.to
    }
}

extension Account {
    /// As it is configured; nil: what SES says.
    fileprivate var rate: Double? {
        guard case .fixed(let rate, _, _) = quota else { return nil }
        return rate
    }
}
