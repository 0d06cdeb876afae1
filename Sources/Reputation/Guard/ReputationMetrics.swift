import Directory
import Metrics

/// What an operator watches: how near each account is to SES's limits, and how often somebody had to be slowed.
struct ReputationMetrics: Sendable {
    /// The counters of accounts are there before the first change: an increase is not seen of a series that begins with it.
    func begin(_ accounts: [String]) {
        for account in accounts {
            for state in StandingState.allCases { _ = Self.changes(account, state) }
        }
    }

    func show(_ result: GuardTurn.Result) {
        for change in result.changes { Self.changes(change.account, change.new).increment() }
        for (account, thresholds, counts) in result.accounts {
            let policy = StandingPolicy(thresholds)
            for (window, counts) in counts {
                let dimensions = [("account", account), ("window", window.rawValue)]
                let telling = policy.telling(counts)
                Gauge(label: "sluice_reputation_bounce_ratio", dimensions: dimensions).record(telling.bounces)
                Gauge(label: "sluice_reputation_complaint_ratio", dimensions: dimensions).record(telling.complaints)
            }
        }
    }

    private static func changes(_ account: String, _ state: StandingState) -> Counter {
        Counter(
            label: "sluice_reputation_changes",
            dimensions: [("account", account), ("state", state.rawValue)]
        )
    }
}
