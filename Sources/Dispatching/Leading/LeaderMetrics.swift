import Capacity
import Directory
import Metrics
import Synchronization

/// What an account's leader shows to operators. Shares beyond a bound are left out, so that the label set stays small.
final class LeaderMetrics: Sendable {
    /// Gauges are read every few seconds; plans can be made fifty times a second.
    private static let interval = Duration.seconds(1)
    private static let ofAccounts = [
        "sluice_leader_epoch", "sluice_quota", "sluice_quota_effective", "sluice_reserve", "sluice_account_paused",
    ]

    private let epoch: Int64
    /// What was set, so that it can be taken down with the term.
    private let account = Mutex<(name: String, paths: [String])?>(nil)
    private let shownAt = Mutex<ContinuousClock.Instant?>(nil)

    init(epoch: Int64) {
        self.epoch = epoch
    }

    /// A node begins to work for an account: until some node leads it, all say that they do not.
    static func begin(_ account: String) { gauge("sluice_leader_epoch", account).record(0) }

    /// The account is gone: a gauge that stayed would say for ever that nobody leads it.
    static func forget(_ account: String) {
        for label in ofAccounts { gauge(label, account).destroy() }
    }

    func planned(_ writing: GrantStore.Writing, account: Account, loans: LoanBook?, took: Duration) {
        Metrics.Timer(label: "sluice_allocation_duration", dimensions: [("account", account.name)])
            .record(duration: took)
        let now = ContinuousClock.now
        let isDue = shownAt.withLock { shownAt in
            if let last = shownAt, now - last < Self.interval { return false }
            shownAt = now
            return true
        }
        if isDue { show(writing, account: account, loans: loans) }
    }

    private func show(_ writing: GrantStore.Writing, account: Account, loans: LoanBook?) {
        let name = account.name
        let labels = ShareLabel.labels(of: account)
        let figures = writing.plan.figures.filter { labels[$0.share] != nil }
        let paths = figures.map(\.path)
        let before = self.account.withLock { account in
            defer { account = (name, paths) }
            return account
        }
        if let before, before.name != name || before.paths != paths { clear(before.name, before.paths) }
        Self.gauge("sluice_leader_epoch", name).record(epoch)
        Self.gauge("sluice_quota", name).record(writing.quota)
        Self.gauge("sluice_quota_effective", name).record(writing.plan.rate)
        Self.gauge("sluice_reserve", name).record(writing.plan.reserve)
        Self.gauge("sluice_account_paused", name).record(account.isPaused ? 1 : 0)
        for figure in figures {
            gauge("sluice_share_guarantee", name, figure.path).record(figure.guarantee)
            gauge("sluice_share_granted", name, figure.path).record(figure.granted)
            gauge("sluice_share_wanted", name, figure.path).record(figure.wanted)
            gauge("sluice_share_lent", name, figure.path).record(loans?.lent(by: figure.path) ?? 0)
            gauge("sluice_share_borrowed", name, figure.path).record(loans?.borrowed(by: figure.path) ?? 0)
        }
    }

    /// The term is over: another node says these things now.
    func clear() {
        guard let (name, paths) = account.withLock({ $0 }) else { return }
        clear(name, paths)
    }

    private func clear(_ name: String, _ paths: [String]) {
        for label in Self.ofAccounts { Self.gauge(label, name).record(0) }
        for path in paths {
            for label in ["guarantee", "granted", "wanted", "lent", "borrowed"] {
                gauge("sluice_share_\(label)", name, path).destroy()
            }
        }
    }

    private static func gauge(_ label: String, _ account: String) -> Gauge {
        Gauge(label: label, dimensions: [("account", account)])
    }

    private func gauge(_ label: String, _ account: String, _ share: String) -> Gauge {
        Gauge(label: label, dimensions: [("account", account), ("share", share)])
    }
}
