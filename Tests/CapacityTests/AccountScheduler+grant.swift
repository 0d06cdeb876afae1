import Capacity

extension AccountScheduler {
    /// Takes rows as a leader writes them for the only worker there is: each call under a version of its own.
    mutating func grant(
        _ grants: [Int32: Int],
        guarantees: [Int32: Int]? = nil,
        version: Int64,
        rule: CreditRule,
        now: MonotonicTime
    ) {
        let worker = Worker(node: "a", epoch: 1)
        let rows = grants.sorted { $0.key < $1.key }.map { share, credits in
            GrantRow(share: share, worker: worker, granted: credits, held: credits, version: version, wanted: 0)
        }
        let limits = (guarantees ?? grants).mapValues { ShareLimits(guarantee: $0, ceiling: $0) }
        take(rows, version: version, limits: limits, rule: rule, now: now)
    }

    func credits(of share: Int32) -> Credits? { credits(at: .zero).first { $0.share == share } }
}
