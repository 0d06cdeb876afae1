import Metrics

/// What a node's lease looks like to an operator. What it has now, the node reads when somebody asks.
struct LeaseMetrics: Sendable {
    private let renewal = Metrics.Timer(label: "sluice_lease_renewal_duration")
    private let failures = Counter(label: "sluice_lease_renewal_failures")
    private let declaredDead = Self.lost("declared_dead")
    private let failedOver = Self.lost("failover")
    private let ranOut = Self.lost("ran_out")
    private let buried = Counter(label: "sluice_nodes_buried")
    private let unknown = Counter(label: "sluice_claims_recovered")

    private static func lost(_ reason: String) -> Counter {
        Counter(label: "sluice_lease_losses", dimensions: [("reason", reason)])
    }

    func renewed(after elapsed: Duration) { renewal.record(duration: elapsed) }
    func notRenewed() { failures.increment() }
    func wasDeclaredDead() { declaredDead.increment() }
    func hasFailedOver() { failedOver.increment() }
    func hasRunOut() { ranOut.increment() }

    /// Another life was retired, and so many of its rows have an unknown outcome by that.
    func hasBuried(unknown rows: Int) {
        buried.increment()
        unknown.increment(by: rows)
    }
}
