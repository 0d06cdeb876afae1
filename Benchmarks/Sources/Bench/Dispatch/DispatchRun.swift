import Foundation
import Measure

/// Rows that are ready, dispatched to the simulator as fast as they go: the quota is out of the way.
struct DispatchRun: Sendable {
    static let system = "Sluice"
    static let contract = "claimed in a commit before it is sent, outcome and SES's id in a commit after it"

    let rows: Int
    let latency: String
    let server: DatabaseServer

    func run() async throws -> DispatchResult {
        var plan = BedPlan()
        plan.rate = 100_000
        plan.shares = [SharePlan("all", rate: 100_000, ceiling: nil)]
        plan.latency = latency
        return try await Bed.with(plan, server: server) { bed in
            let ready = ReadyRows(count: rows)
            try await bed.server.query(ready.messages, database: bed.database)
            try await eventually("the feed has a place for every acceptance", within: 600, every: 0.5) {
                try await bed.server.query("SELECT count(*) FROM event_batch;", database: bed.database) == ["0"]
            }
            // Credits are granted, and the counts of what was before are in.
            try await pause(2)
            return try await measure(bed, ready)
        }
    }

    private func measure(_ bed: Bed, _ ready: ReadyRows) async throws -> DispatchResult {
        let node = try bed.anyNode.child
        let simulator = try bed.simulator
        let workBefore = try await bed.server.work(bed.database)
        let before = try (node.processorSeconds(), bed.server.processorSeconds(), simulator.child.processorSeconds())
        let begun = try await bed.server.query(ready.entries, database: bed.database)
        try await eventually("all rows are sent", within: 1800, every: 1) {
            try await bed.server.query(
                "SELECT EXISTS (SELECT FROM ready) OR EXISTS (SELECT FROM claim) OR EXISTS (SELECT FROM deferred);",
                database: bed.database
            ) == ["f"]
        }
        let after = try (node.processorSeconds(), bed.server.processorSeconds(), simulator.child.processorSeconds())
        let ended = try await bed.server.query(
            "SELECT extract(epoch FROM max(updated_at)) FROM outbox;",
            database: bed.database
        )
        guard let start = begun.first.flatMap({ Double($0) }), let end = ended.first.flatMap({ Double($0) }) else {
            throw Failure("PostgreSQL's clock answered \(begun) and \(ended)")
        }
        try await pause(2)
        let work = try await bed.server.work(bed.database).since(workBefore)
        let sends = Dictionary(grouping: try await simulator.ledger().filter { $0.outcome == .accepted }, by: \.row)
        return DispatchResult(
            system: Self.system,
            contract: Self.contract,
            latency: latency,
            rows: rows,
            seconds: end - start,
            sentOnce: sends.values.count { $0.count == 1 },
            worker: after.0 - before.0,
            database: after.1 - before.1,
            receiver: after.2 - before.2,
            work: work
        )
    }
}
