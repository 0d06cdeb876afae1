import Glibc
import Measure

/// Lets a fault happen to a cluster, and ends it.
struct FaultRun: Sendable {
    let bed: Bed
    let cell: ExactnessCell
    /// How long it lasts.
    let seconds: Double

    func run(_ fault: Fault) async throws -> ExactnessRecord.FaultTimes {
        let victim = try await victim(of: fault)
        let struck = BootTime.now()
        var times = ExactnessRecord.FaultTimes(struck: struck, counted: struck)
        switch fault {
        case .nodeKilled, .leaderKilled:
            try await victim.child.crash()
            try await pause(min(3, seconds))
            try await bed.restart(victim)
        case .nodePaused, .leaderPaused:
            victim.child.signal(SIGSTOP)
            try await pause(seconds)
            victim.child.signal(SIGCONT)
        case .leaderCut:
            victim.proxy?.set(.stall)
            try await pause(seconds)
            victim.proxy?.set(.forward)
        case .nodeRefused:
            victim.proxy?.set(.refuse)
            try await pause(seconds)
            victim.proxy?.set(.forward)
        case .databaseRestarted:
            times.counted = try await bed.server.restart()
        case .changed:
            try await change(&times)
        }
        return times
    }

    /// The leader, or a node that doesn't lead; the only node where there is no other.
    private func victim(of fault: Fault) async throws -> NodeProcess {
        let leader = try await bed.leader()
        if fault.needsLeader { return leader }
        return bed.nodes.first { $0.number != leader.number } ?? leader
    }

    /// Lowers the quota to 60 % and the shares with it, and raises them again. SES itself is a moment later in lowering and a
    /// moment earlier in raising, as an operator would see to.
    private func change(_ times: inout ExactnessRecord.FaultTimes) async throws {
        let simulator = try bed.simulator
        let low = max(1, cell.rate * 6 / 10)
        try await bed.apply(
            bed.plan.yaml(endpoint: simulator.url, rate: low, shares: ExactnessCell.shares(of: low))
        )
        let lowered = BootTime.now()
        // In force within 2 s, W and one call.
        let strict = lowered + 3_200_000_000
        try await pause(3.2)
        try await simulator.set(rate: low)
        try await pause(max(1, seconds - 3.2))
        try await simulator.set(rate: cell.rate)
        let raised = BootTime.now()
        try await bed.apply(bed.plan.yaml(endpoint: simulator.url))
        times.lowered = (lowered, raised, low)
        times.quota = [
            .init(recipients: cell.rate), .init(from: strict, recipients: low),
            .init(from: raised, recipients: cell.rate),
        ]
        let fixed = [cell.rate, low].map { ExactnessCell.shares(of: $0)[0].rate }
        times.ceiling = [
            .init(recipients: fixed[0]), .init(from: strict, recipients: fixed[1]),
            .init(from: raised, recipients: fixed[0]),
        ]
    }
}
