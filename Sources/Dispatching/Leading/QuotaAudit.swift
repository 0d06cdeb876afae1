import Directory
import Foundation
import Logging
import Metrics

/// Replays the last minute of an account's send log once a minute, as `sluice verify-quota` does, and counts windows over the quota
/// or over a share's ceiling: a promise that nobody looks at is none. Part of a leader's term.
///
/// What was sent while the quota or the shares changed is not looked at, since the log is held against what is in force now. Of a
/// fast account only the last seconds are.
struct QuotaAudit: Sendable {
    private static let interval = Duration.seconds(60)
    /// What was sent last may not be in the log yet.
    private static let lag: TimeInterval = 5
    private static let mostRecipients = 30_000.0

    let accountID: Int32
    let services: DispatchServices
    let logger: Logger

    /// What the log is held against.
    private struct Terms: Equatable {
        let version: Int64
        let rate: Double
    }

    private struct Look {
        let terms: Terms
        /// Up to when the log was read.
        let to: Date
        /// Looks before this one that found the same terms.
        let steady: Int
    }

    /// Runs until it is cancelled.
    func run() async {
        var last: Look?
        if let account = services.directory.current?.accounts[accountID] { show(account.name, nil) }
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            guard !Task.isCancelled, let account = services.directory.current?.accounts[accountID] else { continue }
            let to = Date().addingTimeInterval(-Self.lag)
            let reach = Self.mostRecipients / max(1, account.rate ?? 500)
            let from = max(last?.to ?? to, to.addingTimeInterval(-reach))
            do {
                let report = try await QuotaVerification(pool: services.pool, account: account).run(from: from, to: to)
                let terms = Terms(version: account.version, rate: report.rate)
                let steady = last?.terms == terms ? (last?.steady ?? 0) + 1 : 0
                // The look before the last one was before the period began.
                if steady >= 2, from < to { show(account.name, report) }
                last = Look(terms: terms, to: to, steady: steady)
            } catch {
                last = nil
                if !Task.isCancelled { logger.debug("the quota was not audited", metadata: ["error": "\(error)"]) }
            }
        }
    }

    /// - Parameter report: nil before the first, so that the counters are there from the start.
    private func show(_ account: String, _ report: QuotaReport?) {
        let windows = report?.windows ?? []
        for (certainty, count) in [
            ("certain", windows.count { $0.isCertain }), ("possible", windows.count { !$0.isCertain }),
        ] {
            Counter(
                label: "sluice_quota_windows_over",
                dimensions: [("account", account), ("certainty", certainty)]
            ).increment(by: count)
        }
        Counter(label: "sluice_quota_audited_recipients", dimensions: [("account", account)])
            .increment(by: report?.recipients ?? 0)
        for window in windows where window.isCertain {
            logger.error(
                "more was sent in one window than allowed: run `sluice verify-quota`",
                metadata: [
                    "share": "\(window.share)", "from": "\(window.from.formatted(.iso8601))",
                    "most": "\(window.most)", "limit": "\(window.limit)",
                ]
            )
        }
    }
}

extension Account {
    /// As it is configured; nil: what SES says.
    fileprivate var rate: Double? {
        guard case .fixed(let rate, _, _) = quota else { return nil }
        return rate
    }
}
