import Glibc
import Testing

extension RealProcesses.OneByOne {
    @Suite("Two nodes") struct FailoverTests {
        @Test("The one that schedules is killed: the other takes over", .timeLimit(.minutes(3)))
        func takeover() async throws {
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
                    survivor = nodes[0].hasLed ? 1 : 0
                    #expect(!nodes[survivor].hasLed, "an account has one scheduler")
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
                print("Takeover: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                #expect(!checker.unknown.isEmpty, "calls were under way")
                #expect(nodes[survivor].hasLed)
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }

        @Test(
            "The one that schedules is frozen for a while: it must not go on as if nothing had been",
            .timeLimit(.minutes(3))
        )
        func frozen() async throws {
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
                    other = nodes[0].hasLed ? 1 : 0
                    nodes[1 - other].process.signal(SIGSTOP)
                    // Longer than it takes the others to declare it dead.
                    try await Task.sleep(for: .seconds(6))
                    nodes[1 - other].process.signal(SIGCONT)
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: apis[other], simulator: cluster.simulator)
                print("Frozen: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }
    }
}
