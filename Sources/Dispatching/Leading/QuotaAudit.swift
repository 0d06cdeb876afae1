import Directory
import Foundation
import Logging
import Metrics

/// Replays a minute of an account's send log once a minute, as `sluice verify-quota` does, and counts windows over the quota
/// or over a share's ceiling: a promise that nobody looks at is none. Part of a leader's term.
struct QuotaAudit: Sendable {
    private static let interval = Duration.seconds(60)

    let accountID: Int32
    let services: DispatchServices
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        var course = AuditCourse()
        if let account = services.directory.current?.accounts[accountID] { show(account.name, nil) }
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            guard !Task.isCancelled, let account = services.directory.current?.accounts[accountID] else { continue }
            do {
                if let news = try await course.look(at: account, in: services.pool, now: Date()) {
                    show(account.name, news)
                }
            } catch {
                course = AuditCourse()
                if !Task.isCancelled { logger.debug("the quota was not audited", metadata: ["error": "\(error)"]) }
            }
        }
    }

    /// - Parameter news: nil before the first, so that the counters are there from the start.
    private func show(_ account: String, _ news: AuditCourse.News?) {
        let windows = news?.windows ?? []
        for (certainty, count) in [
            ("certain", windows.count { $0.isCertain }), ("possible", windows.count { !$0.isCertain }),
        ] {
            Counter(
                label: "sluice_quota_windows_over",
                dimensions: [("account", account), ("certainty", certainty)]
            ).increment(by: count)
        }
        Counter(label: "sluice_quota_audited_recipients", dimensions: [("account", account)])
            .increment(by: news?.recipients ?? 0)
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
