import Directory
import Foundation
import Logging
import Mail
import Postgres
import Testing

@testable import Outbox
@testable import Sealing
@testable import Webhooks

/// All that there is of one tenant, and nothing of others.
@Suite("Export of a tenant")
struct TenantExportTests {
    private struct Line: Decodable {
        let table: String
    }

    @Test("Every row of the tenant comes once, with bodies opened; no secret and no other tenant's row does")
    func exports() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let vault = try TestVault.make(pool, TestVault.first)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let writer = AcceptWriter(pool: pool, vault: vault, logger: Logger(label: "test"))
            let messages = try (0..<11).map {
                try world.message(recipients: ["r\($0)@own.example", "s\($0)@own.example"])
            }
            let foreign = try world.message(tenant: "standard", recipients: ["someone@foreign.example"])
            try await withThrowingTaskGroup { group in
                group.addTask { try await writer.run() }
                for message in messages + [foreign] { _ = try await writer.accept(message) }
                group.cancelAll()
            }
            let sent = try await world.claim(messages[0].laneID, 4)
            try await world.settle(
                sent.map { Outcome(call: $0, result: .sent(sesMessageID: "ses-\($0.entry.uuid.low)")) }
            )
            let store = EndpointStore(pool: pool, vault: vault)
            for name in ["apa", "standard"] {
                let id = try #require(world.directory.tenant(named: name)?.id)
                _ = try await store.create(EndpointChange(url: "https://\(name).hook/"), tenantID: id, actor: "t")
                _ = try await KeyStore(pool: pool).create(tenant: name, actor: "t")
                _ = try await TemplateStore(pool: pool).create(
                    "welcome",
                    TemplateSource(subject: "Of \(name)", text: "T", html: nil),
                    tenantID: id
                )
            }
            var lines: [String] = []
            try await TenantExport(pool: pool, vault: vault).run(tenantID: tenant) { lines.append($0) }
            let tables = try lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)).table }
            let counts = Dictionary(grouping: tables, by: \.self).mapValues(\.count)
            #expect(counts["tenant"] == 1 && counts["route"] == 2 && counts["webhook_endpoint"] == 1)
            #expect(counts["message"] == 11 && counts["body"] == 11 && counts["outbox"] == 22)
            #expect(counts["template"] == 1 && counts["template_version"] == 1 && counts["api_key"] == 1)
            #expect(counts["event"] == 4)
            let text = lines.joined()
            #expect(text.contains(Data("MIME".utf8).base64EncodedString()))
            #expect(!text.contains("foreign.example") && !text.contains("standard"))
            #expect(!text.contains("\"hash\"") && !text.contains("secret"))
            #expect(lines.allSatisfy { $0.hasSuffix("}\n") && $0.count { $0 == "\n" } == 1 })
        }
    }

    @Test("What recipients of a broadcast have of their own comes with it, opened")
    func recipientData() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let vault = try TestVault.make(pool, TestVault.first)
            for tenant in ["apa", "standard"] {
                let message = try world.message(tenant: tenant, recipients: [])
                var rest = (1...3).map {
                    BroadcastRecipient(email: "r\($0)@x.example", data: Array(#"{"of": "\#(tenant) \#($0)"}"#.utf8))
                }
                rest.append(BroadcastRecipient(email: "r4@x.example", data: nil))
                _ = try await BroadcastWriter(pool: pool, vault: vault, logger: Logger(label: "test"))
                    .accept(message, count: 4) {
                        defer { rest = [] }
                        return rest
                    }
            }
            var lines: [String] = []
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            try await TenantExport(pool: pool, vault: vault).run(tenantID: tenant) { lines.append($0) }
            let own = lines.filter { $0.contains(#""table": "recipient_data""#) }
            #expect(own.count == 3)
            for number in 1...3 {
                let text = Data(#"{"of": "apa \#(number)"}"#.utf8).base64EncodedString()
                #expect(own.count { $0.contains(text) } == 1)
            }
        }
    }

    @Test("More rows than a page has come in their order, each once")
    func pages() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) SELECT \(tenant), n || '@b.example', 'manual' FROM generate_series(1, 1203) AS n"
            )
            var found: [String] = []
            try await TenantExport(pool: pool, vault: nil).run(tenantID: tenant) { line in
                if line.contains("\"suppression\"") { found.append(line) }
            }
            #expect(found.count == 1203 && Set(found).count == 1203)
        }
    }
}
