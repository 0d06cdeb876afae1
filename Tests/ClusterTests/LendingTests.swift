import Foundation
import Glibc
import Testing

extension RealProcesses.OneByOne {
    /// An account of 100/s: AT 60 fixed, UK 20 lending, and a third share that may borrow. Safety only: how fast credits come
    /// and go is measured in `Benchmarks/`.
    @Suite("Shares are lent and changed live") struct LendingTests {
        private static func plan() -> ClusterPlan {
            var plan = ClusterPlan()
            plan.accounts[0].rate = 100
            plan.accounts[0].latency = "30ms..80ms"
            plan.accounts[0].shares = [:]
            plan.accounts[0].shareTree = tree(at: 60, uk: 20)
            plan.tenants[0].regions = ["AT": "main/AT", "UK": "main/UK", "ZZ": "main/other"]
            return plan
        }

        private static func tree(at: Int, uk: Int) -> String {
            "{AT: {rate: \(at), lend: false}, UK: {rate: \(uk)}, other: {rate: 20, ceiling: null}}"
        }

        @Test("Idle credits are lent, and come back when their owner wakes", .timeLimit(.minutes(5)))
        func lent() async throws {
            try await Cluster.with(Self.plan()) { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let apis = try nodes.map { try cluster.api(at: $0) }
                let load = Load()
                try await load.post(300, to: apis) { _ in "ZZ" }
                try await eventually("the idle share's credits are lent") {
                    try await cluster.text("SELECT sum(credits)::text FROM loan WHERE to_at IS NULL") == "19"
                }
                try await load.post(100, to: apis) { _ in "UK" }
                try await eventually("they are back") {
                    try await cluster.text(
                        """
                        SELECT string_agg(path || granted, ' ' ORDER BY path) FROM credit_grant JOIN share ON share.id = share_id
                        WHERE granted > 0
                        """
                    ) == "AT60 UK20 other20"
                }
                let checker = try await Checker(load, api: apis[0], simulator: cluster.simulator)
                print("Lending: \(checker.figures)")
                #expect(checker.lost.isEmpty && checker.notSent.isEmpty && checker.duplicates.isEmpty)
                let summary = try await cluster.simulator.summary()
                #expect(summary.throttled == 0)
                #expect(checker.mostInOneSecond(region: "UK") <= 20)
                // 39 while one credit waits for UK, as the loan says; not from the start, while UK is not served yet.
                #expect(checker.mostInOneSecond(region: "ZZ") <= 40, "AT does not lend")
                #expect(checker.mostInOneSecond(region: "ZZ") > 20, "it did borrow")
            }
        }

        @Test("Shares change while mail is sent: nothing lost, nothing over", .timeLimit(.minutes(5)))
        func changed() async throws {
            try await Cluster.with(Self.plan()) { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let apis = try nodes.map { try cluster.api(at: $0) }
                let load = Load()
                try await withThrowingTaskGroup { group in
                    group.addTask { try await load.post(900, to: apis) { ["AT", "UK", "ZZ"][$0 % 3] } }
                    for (at, uk) in [(20, 60), (75, 5), (10, 10), (60, 20)] {
                        try await Task.sleep(for: .milliseconds(1500))
                        try await cluster.apply { $0.accounts[0].shareTree = Self.tree(at: at, uk: uk) }
                    }
                    try await group.waitForAll()
                }
                let checker = try await Checker(load, api: apis[0], simulator: cluster.simulator)
                print("Changing shares: \(checker.figures)")
                #expect(checker.lost.isEmpty && checker.notSent.isEmpty && checker.duplicates.isEmpty)
                let summary = try await cluster.simulator.summary()
                #expect(summary.throttled == 0)
                #expect(checker.ledger.mostInOneSecond() <= 100)
                #expect(checker.messages.values.allSatisfy { $0.attempts == 1 })
            }
        }
    }
}
