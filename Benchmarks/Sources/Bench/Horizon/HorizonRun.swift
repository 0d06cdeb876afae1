import Foundation
import Measure

/// B6: what a snapshot that is held for minutes costs. The same load and the same backlog, without one and beside one.
struct HorizonRun: Sendable {
    /// Messages a second while time passes.
    let rate: Int
    /// For how long the snapshot is held before the backlog comes.
    let seconds: Double
    /// Messages that are queued at once, to be drained as fast as it goes.
    let backlog: Int
    let server: DatabaseServer

    private struct Summary: Decodable {
        let accepted: Int
    }

    /// Clean, pinned.
    func run(_ progress: @Sendable (HorizonResult) -> Void) async throws {
        for isPinned in [false, true] {
            var plan = BedPlan()
            // Out of the way.
            plan.rate = 50_000
            plan.shares = [SharePlan("all", rate: plan.rate, ceiling: nil)]
            try await Bed.with(plan, server: server) { bed in
                try await pause(min(3, seconds))
                guard isPinned else {
                    progress(try await measure(bed, isPinned: false))
                    return
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await hold(bed) }
                    try await eventually("a snapshot is held") {
                        try await bed.server.query(Self.holders, database: bed.database).first == "1"
                    }
                    progress(try await measure(bed, isPinned: true))
                    try await bed.server.query(Self.end, database: bed.database)
                    while let result = await group.nextResult() { _ = result }
                }
            }
        }
    }

    private static let holders = """
        SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database();
        """
    private static let end = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database();
        """

    /// Holds a snapshot until its session is ended.
    private func hold(_ bed: Bed) async throws {
        let script = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM ready; SELECT pg_sleep(86400);"
        _ = try? await bed.server.query(script, database: bed.database)
    }

    private func measure(_ bed: Bed, isPinned: Bool) async throws -> HorizonResult {
        let posts = Posts(bed)
        let steady = SteadyPosts(posts: posts, rate: Double(rate), tenants: 0..<1, seconds: seconds)
        let accepted = try await steady.run()
        try await pause(1)
        var sent: [RowID: Int64] = [:]
        for send in try await bed.simulator.ledger() where send.outcome == .accepted {
            if let row = send.row { sent[row.message] = send.at }
        }
        let delays = accepted.compactMap { id, at in sent[id].map { max(0, BootTime.seconds(at, $0)) } }
        let dead = try await count(bed, "SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables")
        let drained = try await drain(bed)
        return HorizonResult(
            isPinned: isPinned,
            rate: rate,
            seconds: seconds,
            accepted: accepted.count,
            missing: accepted.count - delays.count,
            delay: Spread(delays),
            deadRows: dead,
            backlog: backlog,
            drainedIn: drained.seconds,
            node: drained.node,
            database: drained.database
        )
    }

    /// Queues the backlog with dispatching under way, and takes the time from its last row's writing until SES has all.
    private func drain(_ bed: Bed) async throws -> (seconds: Double, node: Double, database: Double) {
        let node = try bed.anyNode
        // Paused, or the backlog is half gone before it is complete.
        try await bed.server.query(Self.setPaused(true), database: bed.database)
        try await pause(2)
        try await Backlog(bed: bed, bytes: 2048).fill(backlog, tenant: 0)
        let before = try await taken(bed)
        let processor = try (node.child.processorSeconds(), bed.server.processorSeconds())
        let start = BootTime.now()
        try await bed.server.query(Self.setPaused(false), database: bed.database)
        try await eventually("the backlog is sent", within: 600, every: 0.05) {
            try await taken(bed) - before >= backlog
        }
        let end = BootTime.now()
        return (
            BootTime.seconds(start, end), try node.child.processorSeconds() - processor.0,
            try bed.server.processorSeconds() - processor.1
        )
    }

    private static func setPaused(_ isPaused: Bool) -> String {
        "UPDATE account SET paused = \(isPaused); UPDATE directory_version SET version = version + 1;"
    }

    private func taken(_ bed: Bed) async throws -> Int {
        let answer = try await bed.simulator.peer.get("/_simulator/summary")
        return try JSONDecoder().decode(Summary.self, from: Data(answer.body)).accepted
    }

    private func count(_ bed: Bed, _ sql: String) async throws -> Int {
        try await bed.server.query(sql, database: bed.database).first.flatMap(Int.init) ?? 0
    }
}
