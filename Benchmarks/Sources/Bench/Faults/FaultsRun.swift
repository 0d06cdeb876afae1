import Foundation
import Measure
import NIOHTTP1

/// One run of the fault suite: a database, a simulator and nodes of its own, load, faults, and the check afterwards.
struct FaultsRun: Sendable {
    let plan: FaultPlan
    /// Made for this run; holds its logs, and what there is to look at when it fails.
    let folder: String
    /// Why a small disk can't be had; nil where it can.
    let diskObstacle: String?

    func run() async throws -> FaultResult {
        let world = try FaultWorld(plan: plan, folder: folder)
        let hasDisk = plan.has(.fillDisk) && diskObstacle == nil
        return try await DatabaseServer.with(world.database(hasSmallDisk: hasDisk), logs: folder) { server in
            try await Bed.with(world.bed, server: server) { try await run(world, $0) }
        }
    }

    private func run(_ world: FaultWorld, _ bed: Bed) async throws -> FaultResult {
        let inbox = WebhookInbox()
        let receiver = try await HTTPReceiver.start { inbox.take($0) }
        defer { receiver.close() }
        let gateways = bed.nodes.filter { bed.plan.roles(of: $0.number)?.contains("gateway") ?? true }.map(\.tenants)
        try await subscribe(gateways[0], bed.keys[0], "http://127.0.0.1:\(receiver.port)/hook")
        let load = FaultLoad(gateways: gateways, key: bed.keys[0], shares: FaultWorld.shares, seed: plan.seed)
        let striker = FaultStriker(bed: bed, world: world, faults: SimulatorFaults(simulator: try bed.simulator.peer))
        let start = BootTime.now()
        async let strikes = striker.run()
        try await load.run(seconds: plan.load)
        let outcomes = try await strikes
        let end = BootTime.now()
        _ = try await striker.accepting()
        var complaints = load.strange
        for node in bed.nodes where !node.child.isRunning {
            complaints.append("node \(node.number) ended by itself: \(node.child.complaints())")
            try await striker.revive(node)
        }
        complaints += try await FaultDrain(bed: bed, inbox: inbox).wait()
        let drained = BootTime.now()
        let reading = FaultReading(bed: bed)
        var witness = try await reading.witness(posts: load.posts, inbox: inbox)
        // What is stuck explains most of the rest.
        witness.complaints = complaints + witness.complaints
        let check = FaultCheck(
            witness,
            shares: FaultWorld.shares,
            rate: FaultWorld.rate,
            window: FaultWorld.window
        )
        if !check.isSound { try await reading.keep(in: folder) }
        var result = result(witness, outcomes, start: start)
        result.fill(check)
        result.drained = BootTime.seconds(end, drained)
        return result
    }

    private func result(_ witness: FaultWitness, _ outcomes: [FaultStriker.Outcome], start: Int64) -> FaultResult {
        var result = FaultResult(seed: plan.seed, layout: plan.layout)
        for post in witness.posts.values {
            switch post.answer {
            case .accepted: result.accepted += 1
            case .refused: result.refused += 1
            case .uncertain: result.uncertain += 1
            }
        }
        let sends = witness.sends.filter { $0.outcome == .accepted }.map(\.at)
        let spans = outcomes.compactMap(\.span)
        var recoveries = Recovery.times(of: spans, sends: sends)[...]
        for (strike, outcome) in zip(plan.strikes, outcomes) {
            let recovery = outcome.span == nil ? nil : recoveries.popFirst() ?? nil
            var note = outcome.note
            if strike.kind == .fillDisk, let diskObstacle { note = diskObstacle }
            result.strikes.append(
                .init(
                    kind: strike.kind,
                    note: note,
                    isSkipped: outcome.span == nil,
                    at: outcome.span.map { BootTime.seconds(start, $0.from) } ?? strike.at,
                    seconds: outcome.span.map { BootTime.seconds($0.from, $0.to) } ?? 0,
                    recovery: recovery
                )
            )
        }
        return result
    }

    private func subscribe(_ gateway: HTTPPeer, _ key: String, _ url: String) async throws {
        let answer = try await gateway.send(
            .POST,
            "/webhooks",
            headers: [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")],
            body: Array(#"{"url":"\#(url)"}"#.utf8)
        )
        guard answer.status == 201 else { throw Failure("POST /webhooks answered \(answer.status): \(answer.text)") }
    }
}
