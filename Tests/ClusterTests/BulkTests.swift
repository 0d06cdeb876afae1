import Foundation
import Glibc
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// Templates, a batch of messages and a broadcast, through to SES.
    @Suite("Bulk") struct BulkTests {
        private struct Broadcast: Decodable {
            let id: String
            let status: String
            let recipients: Int
        }

        private struct Crowd: Decodable {
            let status: String
            let counts: [String: Int]?
            let recipientCount: Int
            let hasMore: Bool
            let next: String?

            private enum CodingKeys: String, CodingKey {
                case status, counts, next
                case recipientCount = "recipient_count"
                case hasMore = "has_more"
            }
        }

        private func headers(_ api: TenantAPI, _ type: String = "application/json") -> HeaderFields {
            ["Authorization": "Bearer \(api.key)", "Content-Type": type]
        }

        private func store(_ api: TenantAPI) async throws {
            let body = #"{"name":"news","subject":"Hello {{name}}","text":"{{name}}: {{n}}","html":"<p>{{name}}</p>"}"#
            let answer = try await LocalHTTP.send(
                .post,
                api.url + "/templates",
                headers: headers(api),
                body: Array(body.utf8)
            )
            #expect(answer.status == 201)
        }

        private func send(_ number: Int, _ api: TenantAPI) async throws -> String {
            let body =
                #"{"from":"Shop <shop@apa.example>","to":"m\#(number)@example.org","template":"news","#
                + #""data":{"name":"<M\#(number)>","n":\#(number)}}"#
            let answer = try await LocalHTTP.send(
                .post,
                api.url + "/send",
                headers: headers(api),
                body: Array(body.utf8)
            )
            try #require(answer.status == 202)
            return try JSONDecoder().decode(Acceptance.self, from: Data(answer.body)).id
        }

        private func broadcast(_ count: Int, _ api: TenantAPI) async throws -> Broadcast {
            let lines =
                [#"{"from":"Shop <shop@apa.example>","template":"news","data":{"n":0}}"#]
                + (1...count).map { #"{"to":"b\#($0)@example.org","data":{"name":"B\#($0)"}}"# }
            let answer = try await LocalHTTP.send(
                .post,
                api.url + "/send/broadcast",
                headers: headers(api, "application/x-ndjson"),
                body: Array(lines.joined(separator: "\n").utf8)
            )
            try #require(answer.status == 202, "\(String(decoding: answer.body, as: UTF8.self))")
            return try JSONDecoder().decode(Broadcast.self, from: Data(answer.body))
        }

        private func crowd(_ id: String, _ api: TenantAPI) async throws -> Crowd {
            try await LocalHTTP.get("\(api.url)/messages/\(id)", headers: headers(api), as: Crowd.self)
        }

        @Test(
            "200 messages and 2,000 recipients: each once, many in one call, within the quota",
            .timeLimit(.minutes(10))
        )
        func everything() async throws {
            let account = ClusterPlan.Account(rate: 1000, latency: "5ms..30ms", shares: ["AT": 800, "UK": 200])
            try await Cluster.with(ClusterPlan(accounts: [account])) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await store(api)
                let ids = try await concurrently(Array(1...200)) { try await send($0, api) }
                let broadcast = try await broadcast(2000, api)
                #expect(broadcast.recipients == 2000 && broadcast.status == "queued")
                _ = try await api.ended(ids)
                try await eventually("the broadcast ends", within: .seconds(90)) {
                    try await crowd(broadcast.id, api).counts == ["sent": 2000]
                }
                let page = try await crowd(broadcast.id, api)
                #expect(page.status == "sent" && page.recipientCount == 2000 && page.hasMore && page.next != nil)
                let summary = try await cluster.simulator.summary()
                #expect(summary.accepted == 2200)
                #expect(summary.duplicates == 0)
                #expect(summary.throttled == 0)
                #expect(summary.maxInOneSecond <= 1000)
                let ledger = try await cluster.simulator.ledger().filter(\.isAccepted)
                #expect(Set(ledger.compactMap(\.outboxID)).count == 2200)
                let calls = Set(ledger.map(\.at)).count
                print("Bulk: \(ledger.count) recipients in \(calls) calls")
                #expect(calls < ledger.count / 2, "entries of one call are counted at one instant")
                try await eventually("no claim is open") {
                    try await cluster.rows(in: "claim", "ready", "deferred") == 0
                }
                #expect(try await cluster.rows(in: "send_log") == 2200)
            }
        }

        @Test("kill -9 amid a broadcast: nothing lost, twice only what was unknown", .timeLimit(.minutes(10)))
        func crash() async throws {
            let account = ClusterPlan.Account(rate: 500, latency: "20ms..60ms", shares: ["AT": 400, "UK": 100])
            let plan = ClusterPlan(accounts: [account], environment: ["SLUICE_UNKNOWN_GRACE": "2s"])
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                try await store(api)
                let broadcast = try await broadcast(1500, api)
                try await eventually("300 are sent", every: .milliseconds(5)) {
                    try await cluster.simulator.summary().accepted >= 300
                }
                node.process.signal(SIGKILL)
                _ = try await node.process.end()
                _ = try await cluster.startNode(on: node.ports)
                try await eventually("the broadcast ends", within: .seconds(90)) {
                    try await crowd(broadcast.id, api).counts == ["sent": 1500]
                }
                let unknown = try await cluster.text("SELECT count(*)::text FROM event WHERE type = 'email.unknown'")
                let summary = try await cluster.simulator.summary()
                print("Bulk, killed: \(summary.duplicates) twice, \(unknown ?? "?") unknown")
                #expect(summary.duplicates <= Int(unknown ?? "0") ?? 0)
                let ledger = try await cluster.simulator.ledger().filter(\.isAccepted)
                #expect(Set(ledger.compactMap(\.outboxID)).count == 1500)
            }
        }
    }
}
