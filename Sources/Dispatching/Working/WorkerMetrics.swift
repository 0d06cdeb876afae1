import Capacity
import Metrics
import Outbox

/// What a worker's credits for one account look like to an operator, all shares together; by share the leader says it.
struct WorkerMetrics: Sendable {
    private let free: Gauge
    private let inUse: Gauge
    private let cooling: Gauge
    private let parked: [AccountPark: Gauge]

    init(account: String) {
        func credits(_ state: String) -> Gauge {
            Gauge(label: "sluice_worker_credits", dimensions: [("account", account), ("state", state)])
        }
        free = credits("free")
        inUse = credits("in_use")
        cooling = credits("cooling")
        let reasons = AccountPark.allCases.map { reason in
            (
                reason,
                Gauge(
                    label: "sluice_account_parked",
                    dimensions: [("account", account), ("reason", reason.rawValue)]
                )
            )
        }
        parked = Dictionary(uniqueKeysWithValues: reasons)
        show([], park: nil)
    }

    /// The account is gone.
    static func forget(_ account: String) {
        let metrics = WorkerMetrics(account: account)
        for gauge in [metrics.free, metrics.inUse, metrics.cooling] + metrics.parked.values { gauge.destroy() }
    }

    /// Shows these; an empty list when the worker has ended.
    func show(_ credits: [AccountScheduler.Credits], park: AccountPark?) {
        free.record(credits.reduce(0) { $0 + $1.free })
        inUse.record(credits.reduce(0) { $0 + $1.inUse })
        cooling.record(credits.reduce(0) { $0 + $1.cooling })
        for (reason, gauge) in parked { gauge.record(reason == park ? 1 : 0) }
    }
}
