import Measure
import NIOHTTP1

/// B5: small tenants that send one message a second each, alone and beside a tenant with millions of queued rows in the same share.
struct NeighbourRun: Sendable {
    /// Small tenants; the large one is tenant 0.
    let tenants: Int
    let backlog: Int
    let seconds: Double
    /// Windows of each kind.
    let windows: Int
    let server: DatabaseServer

    func run(_ progress: @Sendable (NeighbourResult) -> Void) async throws {
        var plan = BedPlan()
        // Twice what the small ones send: the large one takes what they leave.
        plan.rate = tenants * 2
        plan.shares = [SharePlan("all", rate: plan.rate, ceiling: nil)]
        plan.tenants = tenants + 1
        try await Bed.with(plan, server: server) { bed in
            let posts = Posts(bed)
            // Leaders are found, credits granted, caches filled.
            _ = try await window(bed, posts, seconds: min(5, seconds))
            for _ in 0..<windows { progress(try await window(bed, posts, seconds: seconds)) }
            var told = 0
            try await Backlog(bed: bed).fill(backlog, tenant: 0) { done in
                if done - told >= 500_000 || done == backlog {
                    Terminal.progress("\(done) rows queued")
                    told = done
                }
            }
            // What was written is on disk. Millions of rows in a minute keep autovacuum busy for minutes; a queue that has grown
            // over hours has had its vacuum.
            Terminal.progress("vacuum")
            try await bed.server.query("VACUUM (ANALYZE)", database: bed.database)
            try await bed.server.query("CHECKPOINT", database: bed.database)
            // The large one is found, the pages that all use are in the log once since the checkpoint, and the disk has taken in
            // what was written: for minutes after it, one commit in a hundred waits for it.
            for _ in 0..<windows { _ = try await window(bed, posts, seconds: seconds) }
            for _ in 0..<windows { progress(try await window(bed, posts, seconds: seconds)) }
        }
    }

    private func window(_ bed: Bed, _ posts: Posts, seconds: Double) async throws -> NeighbourResult {
        let simulator = try bed.simulator
        _ = try await simulator.peer.send(.DELETE, "/_simulator/ledger")
        let accepted = try await SteadyPosts(
            posts: posts,
            rate: Double(tenants),
            tenants: 1..<tenants + 1,
            seconds: seconds
        ).run()
        try await pause(1)
        let queued = try await bed.server.query("SELECT count(*) FROM ready", database: bed.database).first
        var sent: [RowID: Int64] = [:]
        var others = 0
        for send in try await simulator.ledger() where send.outcome == .accepted {
            guard let row = send.row else { continue }
            if accepted[row.message] == nil { others += 1 } else { sent[row.message] = send.at }
        }
        let delays = accepted.compactMap { id, at in sent[id].map { max(0, BootTime.seconds(at, $0)) } }
        return NeighbourResult(
            tenants: tenants,
            queued: queued.flatMap(Int.init) ?? 0,
            quota: bed.plan.rate,
            seconds: seconds,
            accepted: accepted.count,
            missing: accepted.count - delays.count,
            others: others,
            delay: Spread(delays)
        )
    }
}
