import Directory
import Metrics

/// What an operator watches: how near each account is to SES's limits, and how often somebody had to be slowed.
struct ReputationMetrics: Sendable {
    func show(_ result: GuardTurn.Result) {
        for change in result.changes {
            Counter(
                label: "sluice_reputation_changes",
                dimensions: [("account", change.account), ("state", change.new.rawValue)]
            ).increment()
        }
        for (account, counts) in result.accounts {
            for (window, counts) in counts {
                let dimensions = [("account", account), ("window", window.rawValue)]
                Gauge(label: "sluice_reputation_bounce_ratio", dimensions: dimensions).record(counts.bounceRate / 100)
                Gauge(label: "sluice_reputation_complaint_ratio", dimensions: dimensions)
                    .record(counts.complaintRate / 100)
            }
        }
    }
}
