import DevDatabase
import Testing

extension RealProcesses.OneByOne {
    @Suite("The database fails over") struct DatabaseFailoverTests {
        enum Moment: CaseIterable {
            /// Under load, with commits that the standby has or has not.
            case anyTime
            /// The standby was gone for a while, so that every commit waits for it when the primary dies.
            case commitsWait
        }

        @Test(
            "To a synchronous standby: nothing lost, nothing twice, no limit broken",
            .timeLimit(.minutes(10)),
            arguments: Moment.allCases
        )
        func synchronous(_ moment: Moment) async throws {
            try await DatabaseServer.withPair(isSynchronous: true) { primary, standby in
                let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
                try await Cluster.with(plan, server: primary, standby: standby) { cluster in
                    let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                    let apis = try nodes.map { try cluster.api(at: $0) }
                    let load = Load()
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await load.post(1500, to: apis) }
                        try await cluster.untilAccepted(300)
                        if moment == .commitsWait {
                            await standby.stop(mode: .immediate)
                            try await eventually("commits wait for the standby") {
                                try await cluster.text(
                                    "SELECT 'yes' FROM pg_stat_activity WHERE wait_event = 'SyncRep' LIMIT 1"
                                ) != nil
                            }
                            try await Task.sleep(for: .seconds(1))
                        }
                        try await primary.kill9()
                        if moment == .commitsWait { try await standby.start() }
                        try await standby.promote()
                        let before = try await cluster.simulator.summary().accepted
                        #expect(before < 1500, "there is something left to do")
                        let pause = try await ContinuousClock().measure { try await cluster.untilAccepted(before + 1) }
                        #expect(pause < .seconds(20))
                        print("Failover (\(moment)): sending went on after \(pause)")
                        try await group.waitForAll()
                    }
                    let checker = try await Checker(load, api: apis[0], simulator: cluster.simulator)
                    print("Failover (\(moment)): \(checker.figures), refused \(checker.notes.refused)")
                    try await checker.expectSound(cluster.simulator)
                    for node in nodes {
                        #expect(node.process.isRunning)
                        try await eventually("the node is ready") { try await node.status(of: "/readyz") == 200 }
                    }
                    try await eventually("no claim is open") {
                        try await cluster.rows(in: "claim", "ready", "deferred") == 0
                    }
                }
            }
        }

        /// What the standby lacks is where the credits have gone since: tables and nodes contradict each other.
        @Test("To a standby that lost the last grants: no limit broken", .timeLimit(.minutes(10)))
        func asynchronous() async throws {
            try await DatabaseServer.withPair(isSynchronous: false) { primary, standby in
                var plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
                plan.accounts[0].rate = 200
                plan.accounts[0].shareTree = "{AT: {rate: 100, ceiling: null}, UK: {rate: 100, ceiling: null}}"
                try await Cluster.with(plan, server: primary, standby: standby) { cluster in
                    let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                    let apis = try nodes.map { try cluster.api(at: $0) }
                    try await Load().post(600, to: apis) { _ in "AT" }
                    await standby.stop(mode: .immediate)
                    // One share gives up what it borrowed, the other takes it; none of this reaches the standby.
                    try await Load().post(900, to: apis) { _ in "UK" }
                    try await cluster.untilAccepted(1000)
                    try await primary.kill9()
                    try await standby.start()
                    try await standby.promote()
                    let load = Load()
                    try await load.post(1000, to: apis)
                    _ = try await apis[0].ended(load.notes.promised.keys)
                    let summary = try await cluster.simulator.summary()
                    print("Failover with a loss: \(summary.accepted) taken, most in a second \(summary.maxInOneSecond)")
                    #expect(summary.throttled == 0)
                    #expect(summary.maxInOneSecond <= 200)
                    #expect(try await cluster.simulator.ledger().mostInOneSecond() <= 200)
                }
            }
        }
    }
}

extension Cluster {
    /// Waits until SES has taken so many.
    fileprivate func untilAccepted(_ count: Int) async throws {
        try await eventually("\(count) are sent", every: .milliseconds(10)) {
            try await simulator.summary().accepted >= count
        }
    }
}
