import Foundation
import Measure

/// A node that accepts while its account is paused, and then sends what it has accepted.
struct WallRun: Sendable {
    let variant: WallResult.Variant
    /// Another program than the one that is measured.
    let program: String?
    let seconds: Double
    let seed: UInt64
    let server: DatabaseServer

    func run() async throws -> WallResult {
        var plan = BedPlan()
        plan.rate = 100_000
        plan.shares = [SharePlan("all", rate: 100_000, ceiling: nil)]
        plan.program = program
        if variant == .sealed {
            plan.configuration = "encryption: {key_file: FOLDER/keys}\n"
            plan.secrets = ["keys": "bench \(Data((0..<32).map { UInt8($0) }).base64EncodedString())\n"]
        }
        return try await Bed.with(plan, server: server) { bed in
            try await bed.sluice(["account", "pause", "main"])
            _ = try await accept(bed, batch: nil, connections: 64, seconds: min(1, seconds))
            let single = try await accept(bed, batch: nil, connections: 64, seconds: seconds)
            let batch = try await accept(bed, batch: 100, connections: 8, seconds: seconds / 2)
            try await proveSealing(bed)
            return WallResult(variant: variant, single: single, batch: batch, dispatch: try await dispatch(bed))
        }
    }

    private func accept(_ bed: Bed, batch: Int?, connections: Int, seconds: Double) async throws -> WallResult.Work {
        let node = try bed.anyNode
        let template = RequestTemplate(messages: batch, tenant: 0, key: bed.keys[0], port: node.tenants.port)
        try await server.query("CHECKPOINT;", database: bed.database)
        let before = try (node.child.processorSeconds(), server.processorSeconds())
        let (notes, passed) = try await RequestLoad.run(
            template,
            pace: .closed,
            connections: connections,
            port: node.tenants.port,
            seconds: seconds,
            seed: seed
        )
        let after = try (node.child.processorSeconds(), server.processorSeconds())
        return WallResult.Work(
            messages: notes.accepted,
            seconds: passed,
            node: after.0 - before.0,
            database: after.1 - before.1
        )
    }

    /// That a body is what the variant says, or the figures would compare nothing.
    private func proveSealing(_ bed: Bed) async throws {
        let sealed = try await server.query("SELECT bool_and(kind >= 16) FROM body;", database: bed.database)
        guard sealed == [variant == .sealed ? "t" : "f"] else { throw Failure("bodies are sealed: \(sealed)") }
    }

    private func dispatch(_ bed: Bed) async throws -> WallResult.Work {
        let waiting = try await count("ready", bed)
        try await eventually("the feed has a place for every acceptance", within: 600, every: 0.5) {
            try await server.query("SELECT count(*) FROM event_batch;", database: bed.database) == ["0"]
        }
        try await server.query("ANALYZE; CHECKPOINT;", database: bed.database)
        let node = try bed.anyNode.child
        let before = try (node.processorSeconds(), server.processorSeconds())
        let begun = ContinuousClock.now
        try await bed.sluice(["account", "resume", "main"])
        try await eventually("all is sent", within: 1800, every: 0.25) {
            try await server.query(
                "SELECT EXISTS (SELECT FROM ready) OR EXISTS (SELECT FROM claim) OR EXISTS (SELECT FROM deferred);",
                database: bed.database
            ) == ["f"]
        }
        let passed = begun.duration(to: .now) / .seconds(1)
        let after = try (node.processorSeconds(), server.processorSeconds())
        return WallResult.Work(
            messages: waiting,
            seconds: passed,
            node: after.0 - before.0,
            database: after.1 - before.1
        )
    }

    private func count(_ table: String, _ bed: Bed) async throws -> Int {
        let count = try await server.query("SELECT count(*) FROM \(table);", database: bed.database)
        return count.first.flatMap { Int($0) } ?? 0
    }
}
