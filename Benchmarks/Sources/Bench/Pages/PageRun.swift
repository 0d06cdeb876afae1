import Measure

/// What a node and PostgreSQL cost while nobody looks, and while one page of the dashboard is open, in turn.
struct PageRun: Sendable {
    private static let shares = ExactnessCell.shares(of: 100)
    /// By the path of each; the last is a tenant's.
    private static let pages = [
        "/dashboard", "/dashboard/accounts/main", "/dashboard/nodes", "/dashboard/queue", "/dashboard/events",
    ]

    /// Each has a lane in each share.
    let tenants: Int
    /// Messages per second over all lanes.
    let posted: Int
    let seconds: Double
    let rounds: Int
    let server: DatabaseServer

    func run(_ progress: @Sendable (PageResult) -> Void) async throws {
        var plan = BedPlan()
        plan.rate = 100
        plan.latency = ExactnessCell.Latency.usual.range
        plan.shares = Self.shares
        plan.tenants = tenants
        try await Bed.with(plan, server: server) { bed in
            let node = try bed.anyNode
            let admin = try await PageReader.signIn(node.operators, key: try await bed.makeAdminKey())
            let tenant = try await PageReader.signIn(node.tenants, key: bed.keys[0])
            let posts = Posts(bed)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await post(posts) }
                // Leaders are found, caches filled.
                try await pause(min(5, seconds))
                for _ in 0..<rounds {
                    for page in [nil] + Self.pages {
                        let reader = page == "/dashboard/events" ? tenant : admin
                        progress(try await measure(page, reader, node, bed))
                    }
                }
                group.cancelAll()
            }
        }
    }

    private func measure(
        _ page: String?,
        _ reader: PageReader,
        _ node: NodeProcess,
        _ bed: Bed
    ) async throws -> PageResult {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let page { group.addTask { try await reader.read(page) } }
            try await pause(2)
            let start = BootTime.now()
            let before = try (node.child.processorSeconds(), bed.server.processorSeconds())
            try await pause(seconds)
            let after = try (node.child.processorSeconds(), bed.server.processorSeconds())
            let passed = BootTime.seconds(start, BootTime.now())
            group.cancelAll()
            return PageResult(
                page: page,
                lanes: tenants * Self.shares.count,
                seconds: passed,
                node: (after.0 - before.0) / passed,
                database: max(0, after.1 - before.1) / passed
            )
        }
    }

    /// One message after the other, over the lanes in turn.
    private func post(_ posts: Posts) async throws {
        let shares = Self.shares.count
        var number = 0
        while true {
            _ = try await posts.post(Order(share: number % shares, recipients: 1, tenant: number / shares % tenants))
            number += 1
            try await pause(1 / Double(posted))
        }
    }
}
