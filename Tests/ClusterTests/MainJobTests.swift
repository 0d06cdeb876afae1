import Glibc
import Testing

extension RealProcesses.OneByOne {
    /// Thousands of messages from many clients, at a quota of 500/s with AT 300/s and UK 100/s.
    @Suite("The main job") struct MainJobTests {
        @Test("Each is sent once, within every limit", .timeLimit(.minutes(5)))
        func plain() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let load = Load()
                try await load.post(1000, to: [cluster.api(at: node)])
                let checker = try await Checker(load, api: cluster.api(at: node), simulator: cluster.simulator)
                print("The main job: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                let summary = try await cluster.simulator.summary()
                #expect(summary.accepted == 1000)
                #expect(summary.duplicates == 0)
                #expect(checker.phantoms.isEmpty)
                #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }

        @Test("kill -9 in the middle: nothing lost, twice only what was unknown", .timeLimit(.minutes(10)))
        func crash() async throws {
            let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let load = Load()
                try await withThrowingTaskGroup { group in
                    group.addTask { try await load.post(1500, to: [api]) }
                    try await eventually("300 are sent", every: .milliseconds(5)) {
                        try await cluster.simulator.summary().accepted >= 300
                    }
                    // All credits are under way at the crash, and SES counts them after it: the new process must wait for that.
                    try await cluster.simulator.setFaults("{fault: slow, delay: 3s}")
                    try await Task.sleep(for: .milliseconds(700))
                    try await node.process.crash()
                    try await cluster.simulator.endFaults()
                    #expect(try await cluster.simulator.summary().accepted < 1500, "there is something left to do")
                    _ = try await cluster.startNode(on: node.ports)
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: api, simulator: cluster.simulator)
                print("kill -9 and restart: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                #expect(!checker.unknown.isEmpty, "calls were under way")
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
            }
        }

        @Test("A graceful stop in the middle: nothing lost, nothing twice, no attempt spent", .timeLimit(.minutes(5)))
        func stop() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let load = Load()
                try await withThrowingTaskGroup { group in
                    // At 400/s they take five seconds, of which the stop comes in the first.
                    group.addTask { try await load.post(2000, to: [api]) }
                    try await eventually("300 are sent", every: .milliseconds(5)) {
                        try await cluster.simulator.summary().accepted >= 300
                    }
                    node.process.signal(SIGTERM)
                    #expect(try await node.process.end() == 0)
                    #expect(try await cluster.simulator.summary().accepted < 2000, "there is something left to do")
                    #expect(try await cluster.rows(in: "claim") == 0)
                    _ = try await cluster.startNode(on: node.ports)
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: api, simulator: cluster.simulator)
                print("SIGTERM and restart: \(checker.figures)")
                try await checker.expectSound(cluster.simulator)
                #expect(checker.unknown.isEmpty)
                #expect(checker.phantoms.isEmpty)
                #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
                #expect(try await cluster.simulator.summary().duplicates == 0)
            }
        }
    }
}
