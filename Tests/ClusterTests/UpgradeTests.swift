import Foundation
import Glibc
import Testing

extension RealProcesses.OneByOne {
    @Suite("Two builds") struct UpgradeTests {
        /// The build that is replaced: this one, or an earlier release's, to see an upgrade from that.
        private static let older = ProcessInfo.processInfo.environment["SLUICE_OLDER"]

        @Test(
            "A rolling upgrade and its rollback under traffic: nothing lost, nothing twice, nothing unknown",
            .timeLimit(.minutes(6))
        )
        func rolling() async throws {
            var plan = ClusterPlan()
            // Less than what is posted for one of the shares, so that there is always something to send too much of.
            plan.accounts[0].rate = 200
            plan.accounts[0].shares = ["AT": 120, "UK": 60]
            try await Cluster.with(plan) { cluster in
                let older = try Self.older ?? SluiceProgram.path()
                let later = try await LaterProgram.make([.expand], folder: cluster.folder)
                let last = try await LaterProgram.make([.expand, .contract], folder: cluster.folder)
                var nodes = [
                    try await cluster.startNode(program: older), try await cluster.startNode(program: older),
                ]
                let apis = try nodes.map { try cluster.api(at: $0) }
                let load = Load()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await load.post(.max, clients: 8, to: apis, pause: .milliseconds(25)) }
                    try await Self.seesTraffic(cluster)
                    // A later release's last step is refused while the release before it runs.
                    let refused = try await cluster.command("migrate", program: last).run()
                    #expect(refused.status == 1)
                    #expect(refused.errors.contains("9002_contract"), "\(refused.errors)")
                    let migrated = try await cluster.command("migrate", program: later).succeed()
                    #expect(migrated.contains("applied 9001_expand"), "\(migrated)")
                    // An old node may have to be started again before its turn comes.
                    try await Self.replace(&nodes[0], with: older, in: cluster)
                    try await Self.replace(&nodes[0], with: later, in: cluster)
                    try await Self.seesTraffic(cluster)
                    try await Self.replace(&nodes[1], with: later, in: cluster)
                    try await Self.seesTraffic(cluster)
                    // Back again, with the later schema.
                    let unneeded = try await cluster.command("migrate", program: older).succeed()
                    #expect(unneeded.contains("newer than this program"), "\(unneeded)")
                    try await Self.replace(&nodes[1], with: older, in: cluster)
                    try await Self.replace(&nodes[0], with: older, in: cluster)
                    try await Self.seesTraffic(cluster)
                    load.stop()
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: apis[0], simulator: cluster.simulator)
                print("Upgrade and rollback: \(checker.figures), refused \(load.notes.refused)")
                #expect(checker.lost.isEmpty)
                #expect(checker.notSent.isEmpty)
                #expect(checker.accepted.values.allSatisfy { $0 == 1 })
                #expect(checker.phantoms.count <= checker.notes.uncertain)
                #expect(try await cluster.simulator.summary().throttled == 0)
                #expect(checker.ledger.mostInOneSecond() <= 200)
                #expect(checker.mostInOneSecond(region: "AT") <= 120)
                #expect(checker.mostInOneSecond(region: "UK") <= 60)
                #expect(checker.unknown.isEmpty)
                #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
                try await Self.expectEnd(of: nodes, last: last, older: older, cluster)
            }
        }

        /// Once nothing old runs, the last step is taken, and what cannot live with it says so instead of starting.
        private static func expectEnd(of nodes: [Node], last: String, older: String, _ cluster: Cluster) async throws {
            for node in nodes {
                node.process.signal(SIGTERM)
                #expect(try await node.process.end() == 0)
            }
            let contracted = try await cluster.command("migrate", program: last).succeed()
            #expect(contracted.contains("applied 9002_contract"), "\(contracted)")
            let refused = try await cluster.startNode(program: older, getsReady: false)
            #expect(try await refused.process.end() != 0)
            #expect(
                refused.process.lines().contains { $0.contains("9002_contract") },
                "it names what it cannot work with"
            )
            #expect(try await cluster.startNode(program: last).status(of: "/readyz") == 200)
        }

        /// As an operator does it, or a deployment: the old process leaves, the next one comes in its place.
        private static func replace(_ node: inout Node, with program: String, in cluster: Cluster) async throws {
            node.process.signal(SIGTERM)
            #expect(try await node.process.end() == 0)
            node = try await cluster.startNode(on: node.ports, program: program)
        }

        /// Waits until SES has taken 200 more, so that every step has sends before and behind it.
        private static func seesTraffic(_ cluster: Cluster) async throws {
            let before = try await cluster.simulator.summary().accepted
            try await eventually("200 more are sent") { try await cluster.simulator.summary().accepted >= before + 200 }
        }
    }
}
