import Glibc
import Testing

extension RealProcesses.OneByOne {
    @Suite("Several nodes") struct FailoverTests {
        enum Role: CaseIterable {
            /// Serves the share with the most mail.
            case worker
            case leader
        }

        @Test("One of two is killed: the other takes over", .timeLimit(.minutes(10)), arguments: Role.allCases)
        func takeover(_ role: Role) async throws {
            let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            try await Cluster.with(plan) { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let apis = try nodes.map { try cluster.api(at: $0) }
                let load = Load()
                var survivor = 1
                try await withThrowingTaskGroup { group in
                    group.addTask { try await load.post(1500, to: apis) }
                    try await eventually("300 are sent", every: .milliseconds(5)) {
                        try await cluster.simulator.summary().accepted >= 300
                    }
                    survivor = 1 - (try await cluster.index(of: role, among: nodes))
                    // All its credits are under way when it dies, and SES counts them after its death. A successor that does
                    // not wait for that goes over the limits.
                    try await cluster.simulator.setFaults("{fault: slow, delay: 1500ms}")
                    try await Task.sleep(for: .milliseconds(700))
                    try await nodes[1 - survivor].process.crash()
                    try await cluster.simulator.endFaults()
                    #expect(try await cluster.simulator.summary().accepted < 1500, "there is something left to do")
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: apis[survivor], simulator: cluster.simulator)
                print("Takeover from the \(role): \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                if role == .worker { #expect(!checker.unknown.isEmpty, "calls were under way") }
                #expect(nodes[survivor].hasLed, "somebody leads")
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }

        @Test(
            "One of two is frozen for a while: it must not go on as if nothing had been",
            .timeLimit(.minutes(10)),
            arguments: Role.allCases
        )
        func frozen(_ role: Role) async throws {
            var plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            plan.accounts[0].latency = "50ms..150ms"
            try await Cluster.with(plan) { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let apis = try nodes.map { try cluster.api(at: $0) }
                let load = Load()
                var other = 1
                try await withThrowingTaskGroup { group in
                    // Half of the clients wait for the frozen node; their posts are answered after it.
                    group.addTask { try await load.post(1000, to: apis) }
                    try await eventually("300 are sent", every: .milliseconds(5)) {
                        try await cluster.simulator.summary().accepted >= 300
                    }
                    other = 1 - (try await cluster.index(of: role, among: nodes))
                    nodes[1 - other].process.signal(SIGSTOP)
                    // Longer than it takes the others to declare it dead.
                    try await Task.sleep(for: .seconds(6))
                    nodes[1 - other].process.signal(SIGCONT)
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: apis[other], simulator: cluster.simulator)
                print("Frozen \(role): \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }

        @Test("Nodes join and leave under load: nothing unknown, no attempt spent", .timeLimit(.minutes(10)))
        func joinAndLeave() async throws {
            try await Cluster.with { cluster in
                let first = try await cluster.startNode()
                let second = try await cluster.startNode()
                let third: Node
                let load = Load()
                let apis = try [cluster.api(at: first), cluster.api(at: second)]
                let posting = try cluster.api(at: second)
                (third, _) = try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await load.post(2500, to: apis) }
                    try await eventually("300 are sent", every: .milliseconds(5)) {
                        try await cluster.simulator.summary().accepted >= 300
                    }
                    let third = try await cluster.startNode()
                    first.process.signal(SIGTERM)
                    #expect(try await first.process.end() == 0)
                    #expect(try await cluster.simulator.summary().accepted < 2500, "there is something left to do")
                    try await group.waitForAll()
                    return (third, ())
                }
                let checker = try await Checker(load, api: posting, simulator: cluster.simulator)
                print("Join and leave: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                #expect(checker.unknown.isEmpty)
                #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
                #expect(third.process.isRunning)
            }
        }
    }
}

extension Cluster {
    /// Which of the nodes plays a role just now.
    fileprivate func index(of role: RealProcesses.OneByOne.FailoverTests.Role, among nodes: [Node]) async throws -> Int
    {
        let query =
            switch role {
            case .leader: "SELECT node FROM leader"
            case .worker:
                "SELECT node FROM credit_grant JOIN share ON share.id = share_id WHERE path = 'AT' ORDER BY granted DESC"
            }
        let name = try await text(query)
        guard let index = nodes.firstIndex(where: { $0.name == name }) else {
            throw TestFailure("no node is the \(role)")
        }
        return index
    }
}
