import DevDatabase
import Outbound
import Testing

extension RealProcesses.OneByOne {
    @Suite("The database goes away") struct DatabaseOutageTests {
        enum End: CaseIterable {
            case stop, crash
        }

        @Test(
            "503 while it is gone, then all goes on without a restart",
            .timeLimit(.minutes(10)),
            arguments: End.allCases
        )
        func outage(_ end: End) async throws {
            try await DatabaseServer.with(durability: .full) { server in
                try await Cluster.with(server: server) { cluster in
                    let node = try await cluster.startNode()
                    let api = try cluster.api(at: node)
                    let load = Load()
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await load.post(1000, to: [api]) }
                        try await eventually("100 are sent", every: .milliseconds(5)) {
                            try await cluster.simulator.summary().accepted >= 100
                        }
                        switch end {
                        case .stop: await server.stop()
                        case .crash: try await server.kill9()
                        }
                        try await expectOutage(node, api)
                        let before = try await cluster.simulator.summary().accepted
                        #expect(before < 1000, "there is something left to do")
                        try await server.start()
                        let pause = try await ContinuousClock().measure {
                            try await eventually("sending goes on") {
                                try await cluster.simulator.summary().accepted > before
                            }
                        }
                        #expect(pause < .seconds(20))
                        print("Outage of the database (\(end)): sending went on after \(pause)")
                        try await eventually("the node is ready again") { try await node.status(of: "/readyz") == 200 }
                        try await group.waitForAll()
                    }
                    let checker = try await Checker(load, api: api, simulator: cluster.simulator)
                    print("Outage of the database (\(end)): \(checker.figures), refused \(checker.notes.refused)")
                    try await checker.expectSound(cluster.simulator)
                    // What was known before or during the outage was kept and written after it.
                    #expect(checker.unknown.values.allSatisfy { $0 == 0 })
                    #expect(try await cluster.simulator.summary().duplicates == 0)
                    #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
                    #expect(node.process.isRunning)
                    try await eventually("no claim is open") {
                        try await cluster.rows(in: "claim", "ready", "deferred") == 0
                    }
                }
            }
        }

        /// Each restart hits commits whose answers are lost, on both sides of a claim.
        @Test("It restarts again and again: nothing lost, nothing twice", .timeLimit(.minutes(10)))
        func restarts() async throws {
            try await DatabaseServer.with(durability: .full) { server in
                try await Cluster.with(server: server) { cluster in
                    let node = try await cluster.startNode()
                    let api = try cluster.api(at: node)
                    let load = Load()
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await load.post(1200, to: [api]) { $0 % 4 < 3 ? "AT" : "UK" } }
                        for round in 1...4 {
                            let before = try await cluster.simulator.summary().accepted
                            try await eventually("sending goes on", every: .milliseconds(5)) {
                                try await cluster.simulator.summary().accepted > before + 50
                            }
                            try await server.restart(mode: round.isMultiple(of: 2) ? .fast : .immediate)
                        }
                        try await group.waitForAll()
                    }
                    try await eventually("the node is ready again") { try await node.status(of: "/readyz") == 200 }
                    let checker = try await Checker(load, api: api, simulator: cluster.simulator)
                    print("Restarts of the database: \(checker.figures), refused \(checker.notes.refused)")
                    try await checker.expectSound(cluster.simulator)
                    #expect(checker.unknown.values.allSatisfy { $0 == 0 })
                    #expect(try await cluster.simulator.summary().duplicates == 0)
                    try await eventually("no claim is open") {
                        try await cluster.rows(in: "claim", "ready", "deferred") == 0
                    }
                }
            }
        }

        /// The leases of both nodes are over long before the database is back, and whoever is first then may take the other's claims
        /// for unknown, while the other still has their outcomes in hand.
        @Test(
            "It is away for longer than a lease while two nodes send: what they knew is written",
            .timeLimit(.minutes(10))
        )
        func longOutage() async throws {
            let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "20s"])
            try await DatabaseServer.with(durability: .full) { server in
                try await Cluster.with(plan, server: server) { cluster in
                    let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                    let apis = try nodes.map { try cluster.api(at: $0) }
                    let load = Load()
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await load.post(3000, clients: 32, to: apis) { $0 % 4 < 3 ? "AT" : "UK" } }
                        try await eventually("sending is in full swing", every: .milliseconds(5)) {
                            try await cluster.simulator.summary().accepted >= 600
                        }
                        await server.stop()
                        let before = try await cluster.simulator.summary().accepted
                        #expect(before < 3000, "there is something left to do")
                        try await Task.sleep(for: .seconds(20))
                        // What was claimed is in flight for milliseconds; nothing more may follow without a lease.
                        #expect(try await cluster.simulator.summary().accepted - before <= 500)
                        try await server.start()
                        try await eventually("sending goes on") {
                            try await cluster.simulator.summary().accepted > before + 500
                        }
                        try await group.waitForAll()
                    }
                    let checker = try await Checker(load, api: apis[0], simulator: cluster.simulator)
                    let guesses = try await cluster.text(
                        "SELECT count(*)::text FROM event WHERE type = 'email.unknown'"
                    )
                    print("Database away for 20 s: \(checker.figures), taken for unknown meanwhile: \(guesses ?? "-")")
                    try await checker.expectSound(cluster.simulator)
                    // No process has died, so that every outcome was known to somebody.
                    #expect(try await cluster.simulator.summary().duplicates == 0)
                    #expect(
                        try await cluster.text(
                            "SELECT count(*)::text FROM outbox WHERE status >= 50 AND ses_message_id IS NULL"
                        ) == "0"
                    )
                    #expect(
                        try await cluster.text("SELECT count(DISTINCT outbox_id)::text FROM ses_id")
                            == "\(checker.accepted.count)"
                    )
                    try await eventually("no claim is open") {
                        try await cluster.rows(in: "claim", "ready", "deferred") == 0
                    }
                }
            }
        }

        private func expectOutage(_ node: Node, _ api: TenantAPI) async throws {
            let answer = try await api.post(Submission())
            #expect(answer.status == 503)
            #expect(try answer.problem().code == "database_unavailable")
            #expect(answer.headers["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
            try await eventually("the node is not ready") { try await node.status(of: "/readyz") == 503 }
            #expect(try await node.status(of: "/livez") == 200)
            // Longer than a lease is trusted.
            try await Task.sleep(for: .seconds(4))
            #expect(try await api.post(Submission()).status == 503)
            #expect(try await node.status(of: "/livez") == 200)
        }
    }
}
