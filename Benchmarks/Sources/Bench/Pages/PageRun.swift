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
    /// Messages per second over all lanes; 0: none.
    let posted: [Int]
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
            for rate in posted {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    if rate > 0 { group.addTask { try await post(posts, rate) } }
                    // Leaders are found, caches filled.
                    try await pause(min(5, seconds))
                    // What a node costs changes slowly by itself, so each page is held against the moment before it.
                    for page in (0..<rounds).flatMap({ _ in Self.pages.flatMap { [nil, $0] } }) {
                        let reader = page == "/dashboard/events" ? tenant : admin
                        progress(try await measure(page, posted: rate, reader, node, bed))
                    }
                    group.cancelAll()
                }
            }
        }
    }

    private func measure(
        _ page: String?,
        posted: Int,
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
                posted: posted,
                seconds: passed,
                node: (after.0 - before.0) / passed,
                database: max(0, after.1 - before.1) / passed
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
