import Foundation
import Glibc
import Measure
import Synchronization

/// Breaks things as a plan says, and mends them.
final class FaultStriker: Sendable {
    /// What became of a strike.
    struct Outcome: Sendable {
        var note: String
        /// Nil where nothing was struck.
        var span: Recovery.Span?
    }

    let bed: Bed
    let world: FaultWorld
    let faults: SimulatorFaults
    /// Nodes that are broken now.
    private let broken = Mutex<Set<Int>>([])

    init(bed: Bed, world: FaultWorld, faults: SimulatorFaults) {
        self.bed = bed
        self.world = world
        self.faults = faults
    }

    /// Lets everything happen at its time; as many outcomes as strikes.
    func run() async throws -> [Outcome] {
        let strikes = world.plan.strikes
        return try await withThrowingTaskGroup(of: [(Int, Outcome)].self) { group in
            for series in series(of: strikes) {
                group.addTask {
                    let start = BootTime.now()
                    var outcomes: [(Int, Outcome)] = []
                    for index in series {
                        try await pause(max(0, strikes[index].at - BootTime.seconds(start, BootTime.now())))
                        outcomes.append((index, try await self.strike(strikes[index])))
                    }
                    return outcomes
                }
            }
            var outcomes = strikes.map { _ in Outcome(note: "") }
            for try await series in group {
                for (index, outcome) in series { outcomes[index] = outcome }
            }
            return outcomes
        }
    }

    /// Those of nodes each for itself, those of another target one after the other, however long each takes.
    private func series(of strikes: [FaultPlan.Strike]) -> [[Int]] {
        let nodes = strikes.indices.filter { strikes[$0].kind.target == .node }
        let others = strikes.indices.filter { strikes[$0].kind.target != .node }
        return nodes.map { [$0] } + Dictionary(grouping: others) { strikes[$0].kind.target }.values
    }

    private func strike(_ strike: FaultPlan.Strike) async throws -> Outcome {
        switch strike.kind.target {
        case .database: return try await strikeDatabase(strike)
        case .calls, .events: return try await strikeSES(strike)
        case .node:
            guard let node = await victim(of: strike) else { return Outcome(note: "no such node is whole") }
            defer { broken.withLock { _ = $0.remove(node.number) } }
            return try await strikeNode(strike, node)
        }
    }

    // MARK: Nodes

    private static func role(_ kind: FaultKind) -> String? {
        switch kind {
        case .killGateway: "gateway"
        case .killLeader, .killWorker, .stopLeader, .cutNetwork: "dispatch"
        case .killFeedback: "feedback"
        case .killWebhooks: "webhooks"
        default: nil
        }
    }

    /// A node that is whole and has the role; it is broken from now on.
    private func victim(of strike: FaultPlan.Strike) async -> NodeProcess? {
        let role = Self.role(strike.kind)
        let fitting = bed.nodes.filter { node in
            role.map { bed.plan.roles(of: node.number)?.contains($0) ?? true } ?? true
        }
        let leads = [.killLeader, .stopLeader].contains(strike.kind) ? await leader() : nil
        return broken.withLock { broken in
            let whole = fitting.filter { !broken.contains($0.number) && $0.child.isRunning }
            guard !whole.isEmpty else { return nil }
            let node = whole.first { $0.number == leads } ?? whole[Int(strike.choice % UInt64(whole.count))]
            broken.insert(node.number)
            return node
        }
    }

    /// The number of the node that leads, as far as the database can be asked.
    private func leader() async -> Int? {
        guard
            let name = try? await bed.server.query("SELECT node FROM leader LIMIT 1", database: bed.database).first
        else { return nil }
        return bed.nodes.first { $0.child.isRunning && $0.child.hasSaid(name) }?.number
    }

    private func strikeNode(_ strike: FaultPlan.Strike, _ node: NodeProcess) async throws -> Outcome {
        let from = BootTime.now()
        var note = "node \(node.number)"
        var to: Int64
        switch strike.kind {
        case .stopNode, .stopLeader:
            let child = node.child
            child.signal(SIGSTOP)
            defer { child.signal(SIGCONT) }
            try await pause(strike.seconds)
            to = BootTime.now()
        case .stepNodeClock:
            guard let clock = world.clocks[node.number] else { return Outcome(note: "libfaketime is not installed") }
            let step = strike.choice & 1 == 0 ? 3600 : -3600
            note += " by \(step) s"
            try clock.step(by: step)
            try await pause(strike.seconds)
            try clock.step(by: 0)
            to = BootTime.now()
        case .cutNetwork:
            let isSilent = strike.choice & 1 == 0
            note += isSilent ? ", nothing moves" : ", connections refused"
            node.proxy?.set(isSilent ? .stall : .refuse)
            defer { node.proxy?.set(.forward) }
            try await pause(strike.seconds)
            to = BootTime.now()
        default:
            try await node.child.crash()
            try await pause(strike.seconds)
            to = try await revive(node)
        }
        return Outcome(note: note, span: .init(from: from, to: to))
    }

    /// Starts a node that has ended, as often as it takes: one that finds no database ends, and a supervisor starts it again.
    /// - Returns: when the process was started that stayed.
    @discardableResult
    func revive(_ node: NodeProcess) async throws -> Int64 {
        var complaint = ""
        for _ in 0..<60 {
            let start = BootTime.now()
            do {
                try await bed.restart(node)
                return start
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                complaint = "\(error)"
                if node.child.isRunning { try await node.child.crash() }
                try await pause(0.5)
            }
        }
        throw Failure("node \(node.number) does not start: \(complaint)")
    }

    // MARK: SES

    private func strikeSES(_ strike: FaultPlan.Strike) async throws -> Outcome {
        let from = BootTime.now()
        try await faults.set(strike.kind.rawValue, Self.rules(strike.kind))
        try await pause(strike.seconds)
        try await faults.set(strike.kind.rawValue, [])
        return Outcome(note: "", span: .init(from: from, to: BootTime.now()))
    }

    private static func rules(_ kind: FaultKind) -> [String] {
        switch kind {
        case .failCalls:
            [
                "fault: reset_before_body, probability: 0.05", "fault: reset_during_body, probability: 0.05",
                "fault: reset_after_body, probability: 0.05", "fault: status, code: 500, probability: 0.04",
                "fault: status, code: 503, error: ServiceUnavailable, accept: true, probability: 0.04",
                "fault: throttle, probability: 0.03",
            ]
        case .delayCalls:
            ["fault: hang, limit: 6s, probability: 0.03", "fault: slow, delay: 1500ms, probability: 0.3"]
        case .loseEvents:
            [
                "fault: drop, operation: event, probability: 0.1",
                "fault: duplicate, operation: event, times: 2, probability: 0.1",
                "fault: duplicate, operation: event, same_id: false, probability: 0.1",
                "fault: reorder, operation: event, probability: 0.1",
                "fault: delay, operation: event, delay: 3s, probability: 0.1",
            ]
        default: []
        }
    }
}
