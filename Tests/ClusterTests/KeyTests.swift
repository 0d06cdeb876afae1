import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    @Suite("Keys") struct KeyTests {
        private struct Made: Decodable {
            let id: String
            let key: String
        }

        private struct Listed: Decodable {
            let id: String
            let name: String
            let scopes: [String]
            let last_used_at: String?
        }

        private static func make(_ text: String) throws -> Made {
            try JSONDecoder().decode(Made.self, from: Data(text.utf8))
        }

        @Test("A key is made, bound, rotated and revoked by commands, in force on every node", .timeLimit(.minutes(5)))
        func commands() async throws {
            try await Cluster.with { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let made = try Self.make(
                    try await cluster.command(
                        "key",
                        "create",
                        "--tenant",
                        "apa",
                        "--name",
                        "shop",
                        "--scope",
                        "send",
                        "--domain",
                        "shop@apa.example",
                        "--allowed-ip",
                        "127.0.0.1",
                        "--expires-at",
                        "2099-01-01T00:00:00Z",
                        "--json"
                    ).succeed()
                )
                for node in nodes {
                    let api = TenantAPI(url: node.url, key: made.key)
                    try await eventually("the key works") { try await api.post(Submission()).status == 202 }
                    #expect(try await api.post(Submission(from: "other@apa.example")).status == 403)
                    #expect(try await api.cancel("01890000-0000-7000-8000-000000000000").status == 404)
                }
                try await eventually("its use is written", every: .milliseconds(200)) {
                    let text = try await cluster.command("key", "list", "--tenant", "apa", "--json").succeed()
                    let keys = try JSONDecoder().decode([Listed].self, from: Data(text.utf8))
                    let key = keys.first { $0.id == made.id }
                    #expect(key?.name == "shop" && key?.scopes == ["send"])
                    return key?.last_used_at != nil
                }
                let rotated = try Self.make(
                    try await cluster.command("key", "rotate", made.id, "--overlap", "1h", "--json").succeed()
                )
                for key in [made.key, rotated.key] {
                    let api = TenantAPI(url: nodes[1].url, key: key)
                    try await eventually("both secrets work") { try await api.post(Submission()).status == 202 }
                }
                _ = try await cluster.command("key", "revoke", made.id).succeed()
                for node in nodes {
                    for key in [made.key, rotated.key] {
                        let api = TenantAPI(url: node.url, key: key)
                        try await eventually("neither works any more") {
                            try await api.post(Submission()).status == 401
                        }
                    }
                }
            }
        }

        private struct Shown: Decodable {
            struct Limits: Decodable {
                let api_rate: Int?
                let daily: Int?
            }

            let from_domains: [String]
            let one_click_unsubscribe: Bool
            let limits: Limits
        }

        @Test("A command that changes one thing of a tenant leaves the others", .timeLimit(.minutes(5)))
        func tenant() async throws {
            try await Cluster.with { cluster in
                func shown() async throws -> Shown {
                    let text = try await cluster.command("tenant", "show", "apa", "--json").succeed()
                    return try JSONDecoder().decode(Shown.self, from: Data(text.utf8))
                }
                let before = try await shown()
                _ = try await cluster.command("tenant", "set", "apa", "--no-one-click-unsubscribe").succeed()
                _ = try await cluster.command("tenant", "set", "apa", "--api-rate", "70").succeed()
                _ = try await cluster.command("tenant", "set", "apa", "--daily", "900").succeed()
                let after = try await shown()
                #expect(before.one_click_unsubscribe && !after.one_click_unsubscribe)
                #expect(after.limits.api_rate == 70 && after.limits.daily == 900)
                #expect(after.from_domains == before.from_domains)
            }
        }

        @Test("Mail of a test key is answered and never reaches SES", .timeLimit(.minutes(5)))
        func testKey() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let made = try Self.make(
                    try await cluster.command("key", "create", "--tenant", "apa", "--test", "--json").succeed()
                )
                #expect(made.key.hasPrefix("sk_test_"))
                let (tests, live) = (TenantAPI(url: node.url, key: made.key), try cluster.api(at: node))
                try await eventually("the key works") { try await tests.cancel("x").status == 404 }
                let fates = ["bounce": "bounced", "complaint": "complained", "success": "delivered"]
                for (mailbox, status) in fates {
                    let sent = try await tests.send(Submission(to: ["\(mailbox)@simulator.amazonses.com"]))
                    try await eventually("\(mailbox) is answered") { try await tests.message(sent.id).status == status }
                    #expect(try await live.cancel(sent.id).status == 404)
                }
                // A live one, so that what never was is not merely late.
                let sent = try await live.send(Submission())
                _ = try await live.ended([sent.id])
                #expect(try await tests.cancel(sent.id).status == 404)
                #expect(try await cluster.simulator.summary().accepted == 1)
                #expect(try await cluster.rows(in: "send_log") == 1)
            }
        }
    }
}
