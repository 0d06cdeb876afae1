import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// What tenants' mail goes out as, and how their domains stand, through to a strict SES.
    @Suite("Senders") struct SenderTests {
        private struct Sent: Decodable {
            struct Message: Decodable {
                private enum CodingKeys: String, CodingKey {
                    case tags, from
                    case configurationSet = "configuration_set"
                    case identityARN = "identity_arn"
                }

                let tags: [String: String]
                let from: String
                let configurationSet: String?
                let identityARN: String?
            }

            let data: [Message]
        }

        private struct Domain: Decodable {
            struct AtAccount: Decodable {
                let status: String
                let missing: [String]
            }

            let name: String
            let status: String
            let accounts: [AtAccount]
        }

        private static let arn = "arn:aws:ses:eu-central-1:123456789012:identity/"

        private func simulator(_ cluster: Cluster, _ method: HTTPMethod, _ path: String, _ body: String) async throws {
            let answer = try await LocalHTTP.send(
                method,
                cluster.simulator.url + path,
                headers: ["Authorization": "AWS4-HMAC-SHA256 x", "Content-Type": "application/json"],
                body: Array(body.utf8)
            )
            try #require((200..<300).contains(answer.status), "\(String(decoding: answer.body, as: UTF8.self))")
        }

        @Test(
            "Each call carries its sender's identity and set; one tenant's broken sender is nobody else's trouble",
            .timeLimit(.minutes(5))
        )
        func calls() async throws {
            var plan = ClusterPlan()
            plan.tenants[0].senders = """
                [{account: main, configuration_set: {bulk: newsletters}}, {account: main, region: UK, configuration_set: uk}, \
                {domain: apa.example, account: main, region: AT, identity_arn: "\(Self.arn)apa.example"}]
                """
            plan.tenants.append(
                ClusterPlan.Tenant(
                    name: "broken",
                    domains: ["broken.example"],
                    senders: #"[{domain: broken.example, account: main, identity_arn: "\#(Self.arn)broken.example"}]"#
                )
            )
            try await Cluster.with(plan) { cluster in
                try await simulator(cluster, .put, "/_simulator/settings", #"{"strict": true}"#)
                try await simulator(
                    cluster,
                    .put,
                    "/_simulator/identities",
                    #"{"name": "apa.example", "dkim": "SUCCESS"}"#
                )
                try await simulator(cluster, .post, "/v2/email/configuration-sets", #"{"ConfigurationSetName": "uk"}"#)
                let node = try await cluster.startNode()
                let (api, broken) = (try cluster.api(at: node), try cluster.api("broken", at: node))
                let lost = try await broken.send(Submission(from: "x@broken.example"))
                let first = try await api.send(Submission())
                let second = try await api.send(Submission(region: "UK"))
                let ended = try await api.ended([first.id, second.id])
                #expect(ended.values.allSatisfy { $0.status == "sent" && $0.attempts == 1 })
                let sent = try await LocalHTTP.get(cluster.simulator.url + "/_simulator/messages", as: Sent.self).data
                let byMessage = Dictionary(
                    uniqueKeysWithValues: sent.map { ($0.tags["sluice-id"].flatMap(LedgerLine.messageID) ?? "", $0) }
                )
                #expect(byMessage[first.id]?.identityARN == Self.arn + "apa.example")
                #expect(byMessage[first.id]?.configurationSet == nil)
                #expect(byMessage[second.id]?.identityARN == nil)
                #expect(byMessage[second.id]?.configurationSet == "uk")
                try await eventually("the broken sender's mail waits for another try") {
                    try await broken.message(lost.id).waiting?.blocker == "retry"
                }
                #expect(try await broken.message(lost.id).status == "queued")
            }
        }

        @Test("A tenant sees how its domain stands, and an admin has a new one registered", .timeLimit(.minutes(5)))
        func domains() async throws {
            try await Cluster.with { cluster in
                try await simulator(cluster, .put, "/_simulator/settings", #"{"strict": true}"#)
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let headers: HeaderFields = ["Authorization": "Bearer \(api.key)"]
                func domain() async throws -> Domain {
                    try await LocalHTTP.get(api.url + "/domains/apa.example", headers: headers, as: Domain.self)
                }
                try await eventually("the domain is looked at") { try await domain().status == "unregistered" }
                let text = try await cluster.command("key", "create", "--admin", "ops", "--json").succeed()
                let key = try JSONDecoder().decode(Created.self, from: Data(text.utf8)).key
                let operatorURL = "http://127.0.0.1:\(node.ports.operators)"
                // The node hears of a new key within half a second.
                try await eventually("the admin's key is known") {
                    let answer = try await LocalHTTP.send(
                        .post,
                        operatorURL + "/admin/accounts/main/identities",
                        headers: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"],
                        body: Array(#"{"name": "apa.example", "mail_from": "bounce.apa.example"}"#.utf8)
                    )
                    return answer.status == 202
                }
                try await eventually("it is registered, and waits for its records") {
                    try await domain().status == "pending"
                }
                let missing = try await domain().accounts.first?.missing ?? []
                #expect(missing.filter { $0.hasPrefix("Publish the CNAME record") }.count == 3, "\(missing)")
                #expect(missing.contains { $0.hasPrefix("Publish the MX record bounce.apa.example") })
                try await simulator(
                    cluster,
                    .put,
                    "/_simulator/identities",
                    #"{"name": "apa.example", "dkim": "SUCCESS", "mail_from_state": "SUCCESS"}"#
                )
                try await eventually("it is looked at again when asked to", every: .seconds(1)) {
                    _ = try await LocalHTTP.send(.post, api.url + "/domains/apa.example/verify", headers: headers)
                    return try await domain().status == "incomplete"
                }
                let doctor = try await cluster.command("doctor").run()
                #expect(doctor.text.contains("main sender apa.example"), "\(doctor.text)")
                let foreign = try await LocalHTTP.send(.get, api.url + "/domains/omv.example", headers: headers)
                #expect(foreign.status == 404)
            }
        }

        private struct Created: Decodable {
            let key: String
        }
    }
}
