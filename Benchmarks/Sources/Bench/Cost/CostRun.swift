import Measure

/// What a node that leads, one that doesn't, and PostgreSQL cost with so many lanes.
struct CostRun: Sendable {
    private static let shares = ExactnessCell.shares(of: 100)

    /// Each has a lane in each share.
    let tenants: Int
    /// Messages per second over all lanes; 0: none.
    let posted: [Int]
    let seconds: Double
    let server: DatabaseServer

    var lanes: Int { tenants * Self.shares.count }

    func run(_ progress: (CostResult) -> Void) async throws {
        var plan = BedPlan()
        plan.rate = 100
        plan.latency = ExactnessCell.Latency.usual.range
        plan.shares = Self.shares
        plan.tenants = tenants
        plan.nodes = 2
        try await Bed.with(plan, server: server) { bed in
            // Leaders are found, caches filled.
            try await pause(min(5, seconds))
            for rate in posted where rate == 0 || lanes > 0 {
                progress(try await measure(bed, rate: rate))
            }
        }
    }

    private func measure(_ bed: Bed, rate: Int) async throws -> CostResult {
        let leader = try await bed.leader()
        guard let follower = bed.nodes.first(where: { $0.number != leader.number }) else {
            throw Failure("there is no second node")
        }
        let posts = Posts(bed)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if rate > 0 { group.addTask { try await post(posts, rate) } }
            try await pause(1)
            let start = BootTime.now()
            let before = try (
                leader.child.processorSeconds(), follower.child.processorSeconds(), bed.server.processorSeconds()
            )
            try await pause(seconds)
            let after = try (
                leader.child.processorSeconds(), follower.child.processorSeconds(), bed.server.processorSeconds()
            )
            let passed = BootTime.seconds(start, BootTime.now())
            group.cancelAll()
            return CostResult(
                lanes: lanes,
                posted: rate,
                seconds: passed,
                leader: (after.0 - before.0) / passed,
                follower: (after.1 - before.1) / passed,
                database: max(0, after.2 - before.2) / passed
            )
        }
    }

    /// One message after the other, over the lanes in turn.
    private func post(_ posts: Posts, _ rate: Int) async throws {
        let shares = Self.shares.count
        var number = 0
        while true {
            _ = try await posts.post(Order(share: number % shares, recipients: 1, tenant: number / shares % tenants))
            number += 1
            try await pause(1 / Double(rate))
        }
    }
}
