import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// The guard among real processes: what it counts, what it holds, and what it lets go.
    @Suite("Reputation") struct ReputationTests {
        private struct Standings: Decodable {
            struct Standing: Decodable {
                struct Counts: Decodable {
                    let sent: Int
                }

                let account: String
                let state: String
                let windows: [String: Counts]
            }

            let data: [Standing]
        }

        private func standing(_ api: TenantAPI) async throws -> Standings.Standing {
            let headers: HeaderFields = ["Authorization": "Bearer \(api.key)"]
            let answer = try await LocalHTTP.get(api.url + "/reputation", headers: headers, as: Standings.self)
            return try #require(answer.data.first)
        }

        @Test("Sends count once each, whatever is killed", .timeLimit(.minutes(10)))
        func exact() async throws {
            let plan = ClusterPlan(environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            try await Cluster.with(plan) { cluster in
                let first = try await cluster.startNode()
                let second = try await cluster.startNode()
                let api = try cluster.api(at: second)
                let ids = try await concurrently(Array(0..<600)) { number in
                    try await api.send(Submission(to: ["m\(number)@example.org"])).id
                }
                try await eventually("some are sent") { try await cluster.simulator.summary().accepted > 100 }
                try await first.process.crash()
                _ = try await api.ended(ids)
                let sent = try #require(
                    try await cluster.text("SELECT count(*)::text FROM event WHERE type = 'email.sent'").flatMap {
                        Int($0)
                    }
                )
                #expect(sent >= 600)
                try await eventually("all is counted") {
                    try await standing(api).windows["volume"]?.sent == sent
                }
                #expect(try await standing(api).state == "ok")
            }
        }

        @Test("What waits is held while its tenant is paused, and goes when it resumes", .timeLimit(.minutes(10)))
        func held() async throws {
            let account = ClusterPlan.Account(rate: 2, shares: ["AT": 1, "UK": 1])
            try await Cluster.with(ClusterPlan(accounts: [account])) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                var ids: [String] = []
                for number in 0..<12 { ids.append(try await api.send(Submission(to: ["m\(number)@example.org"])).id) }
                _ = try await cluster.text(
                    """
                    INSERT INTO reputation_note (account_ids, tenant_ids, sent, bounced, complained)
                    SELECT ARRAY[account.id, account.id], ARRAY[tenant.id, 0], ARRAY[1000, 100000], ARRAY[90, 0], ARRAY[0, 0]
                    FROM account, tenant RETURNING id::text
                    """
                )
                try await eventually("it is paused", every: .milliseconds(300)) {
                    let answer = try await api.post(Submission())
                    if answer.status == 202 { return false }
                    return try answer.status == 403 && answer.problem().code == "tenant_paused"
                }
                // What was claimed before is still sent.
                try await Task.sleep(for: .seconds(1))
                let accepted = try await cluster.simulator.summary().accepted
                try await Task.sleep(for: .seconds(3))
                #expect(try await cluster.simulator.summary().accepted == accepted)
                #expect(try await cluster.rows(in: "ready") > 0)
                let resumed = try await LocalHTTP.send(
                    .post,
                    api.url + "/reputation/resume",
                    headers: ["Authorization": "Bearer \(api.key)", "Content-Type": "application/json"],
                    body: Array(#"{"acknowledge": "The list of May is deleted"}"#.utf8)
                )
                #expect(resumed.status == 200)
                #expect(try await standing(api).state == "slowed")
                _ = try await api.ended(ids)
                let summary = try await cluster.simulator.summary()
                #expect(summary.duplicates == 0 && summary.maxInOneSecond <= 2)
            }
        }
    }
}
