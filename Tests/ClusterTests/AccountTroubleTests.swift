import Foundation
import Testing

extension RealProcesses.OneByOne {
    @Suite("An account cannot send") struct AccountTroubleTests {
        @Test("SES cannot be reached: messages wait and say why, or expire", .timeLimit(.minutes(5)))
        func unreachable() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await cluster.simulators["main"]?.stop()
                var ids: [String] = []
                for number in 0..<20 {
                    ids.append(try await api.send(Submission(to: ["reader\(number)@example.org"])).id)
                }
                let mayExpire = try await api.send(Submission(expiresAt: Date(timeIntervalSinceNow: 2).rfc3339))
                try await expectWaiting(ids, blocker: "retry", saying: ["reached"], api)
                #expect(try await api.ended([mayExpire.id]).values.map(\.status) == ["expired"])
                #expect(try await api.events(mayExpire.id).last == "email.expired")
                try await cluster.startSimulator()
                try await expectSentAtOnce(ids, api)
                let ledger = try await cluster.simulator.ledger()
                #expect(ledger.count == ids.count)
                #expect(Set(ledger.compactMap(\.messageID)) == Set(ids))
            }
        }

        @Test("Credentials are refused, or SES has paused: messages wait and say why", .timeLimit(.minutes(10)))
        func refused() async throws {
            let plan = ClusterPlan(
                accounts: [.init(shares: ["AT": 300]), .init(name: "other", shares: ["UK": 100])],
                tenants: [.init(regions: ["AT": "main/AT", "UK": "other/UK"])]
            )
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                guard let other = cluster.simulators["other"]?.api else { throw TestFailure("no second simulator") }
                try await cluster.simulator.setFaults(
                    "{fault: expired_token}, {fault: expired_token, operation: account}"
                )
                try await other.setFaults("{fault: paused}")
                var ids: [String: [String]] = [:]
                for number in 0..<10 {
                    let region = number % 2 == 0 ? "AT" : "UK"
                    let submission = Submission(to: ["reader\(number)@example.org"], region: region)
                    ids[region, default: []].append(try await api.send(submission).id)
                }
                try await expectWaiting(ids["AT"] ?? [], blocker: "paused", saying: ["credentials"], api)
                try await expectWaiting(ids["UK"] ?? [], blocker: "paused", saying: ["paused"], api)
                try await expectDoctor(cluster, finds: "expired")
                for reason in ["credentials", "paused_by_ses"] {
                    #expect(node.process.lines().contains { $0.contains("account parked") && $0.contains(reason) })
                }
                try await cluster.simulator.endFaults()
                try await other.endFaults()
                try await expectSentAtOnce(ids["AT"] ?? [], api)
                try await expectSentAtOnce(ids["UK"] ?? [], api)
                try await expectDoctor(cluster, finds: nil)
            }
        }

        /// Each waits unharmed, and says for what.
        private func expectWaiting(_ ids: [String], blocker: String, saying words: [String], _ api: TenantAPI)
            async throws
        {
            // Before a node has tried, they say that nobody sends yet.
            try await eventually("the messages say why they wait") {
                try await api.messages(ids).allSatisfy { $0.waiting?.blocker == blocker && $0.waiting?.detail != nil }
            }
            for message in try await api.messages(ids) {
                #expect(message.status == "queued")
                #expect(message.attempts == 0)
                #expect(message.waiting?.blocker == blocker)
                let detail = message.waiting?.detail?.lowercased() ?? ""
                #expect(words.allSatisfy { detail.contains($0) }, "\(detail)")
            }
        }

        /// Each ends as sent, and what was tried before is not counted as an attempt.
        private func expectSentAtOnce(_ ids: [String], _ api: TenantAPI) async throws {
            for message in try await api.ended(ids).values {
                #expect(message.status == "sent")
                #expect(message.attempts == 1)
                #expect(message.waiting == nil)
            }
        }

        /// `sluice doctor` names the problem, or finds none.
        private func expectDoctor(_ cluster: Cluster, finds words: String?) async throws {
            let output = try await cluster.command("doctor").run()
            let problems = output.text.split(separator: "\n").filter { $0.hasPrefix("PROBLEM") }
            guard let words else {
                #expect(problems.isEmpty)
                #expect(output.status == 0)
                return
            }
            #expect(output.status == 1)
            #expect(problems.contains { $0.contains("main") && $0.contains(words) }, "\(output.text)")
            #expect(problems.allSatisfy { !$0.contains("other") }, "the other account answers")
        }
    }
}
