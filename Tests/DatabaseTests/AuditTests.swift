import Foundation
import Postgres
import Testing

@testable import Directory

@Suite("The audit, on a real database")
struct AuditTests {
    @Test("It is only ever added to, whoever asks and however")
    func appendOnly() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let count = try await world.pool.query("SELECT count(*) FROM audit").decode(Int.self).first
            #expect(count ?? 0 > 0)
            let attempts: [SQL] = [
                "UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit",
                "UPDATE audit SET actor = 'x' WHERE false",
                "WITH gone AS (DELETE FROM audit RETURNING id) SELECT count(*) FROM gone",
                """
                INSERT INTO audit (id, actor, action, object) OVERRIDING SYSTEM VALUE VALUES (1, 'x', 'x', 'x')
                ON CONFLICT (id) DO UPDATE SET actor = 'x'
                """,
                "MERGE INTO audit USING (SELECT 1 AS id) AS s ON audit.id = s.id WHEN MATCHED THEN DELETE",
            ]
            for statement in attempts {
                let error = await #expect(throws: PostgresError.self) { try await pool.query(statement) }
                #expect(error?.sqlState?.rawValue == "42501", "\(String(describing: error))")
            }
            // As a replica applies changes, triggers are off that are not for always.
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { connection in
                    _ = try await connection.query("SET LOCAL session_replication_role = replica")
                    _ = try await connection.query("DELETE FROM audit")
                }
            }
            #expect(error?.sqlState?.rawValue == "42501")
            #expect(try await pool.query("SELECT count(*) FROM audit").decode(Int.self).first == count)
        }
    }

    @Test("A change says what was before and after, of what differs, and which request it was")
    func beforeAndAfter() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = AdministrationTests.store(world)
            let reader = AuditReader(pool: pool)
            try await AuditOrigin.$requestID.withValue("request-7") {
                _ = try await store.patchShare(
                    account: "main",
                    path: "UK",
                    change: ShareChange(rate: 8, lend: false),
                    actor: "admin x"
                )
            }
            let share = try #require(try await reader.entries(limit: 1).first)
            #expect(share.object == "share main/UK" && share.requestID == "request-7")
            #expect(share.before == #"{"lend": true, "rate": 10, "weight": 10}"#)
            #expect(share.after == #"{"lend": false, "rate": 8, "weight": 8}"#)
            _ = try await store.setPaused(account: "main", true, actor: "cli:ops")
            let pause = try #require(try await reader.entries(limit: 1).first)
            #expect(pause.action == "pause" && pause.requestID == nil)
            #expect(pause.before == #"{"paused": false}"#)
            #expect(pause.after == #"{"paused": true}"#)
            var document = try World.parse()
            document.tenants[0].fromDomains = ["other.example"]
            document.tenants[0].regions["UK"] = "main/other"
            _ = try await store.apply(document, actor: "cli:ops")
            var filter = AuditFilter()
            filter.object = "tenant apa"
            let tenant = try await reader.entries(filter, limit: 10)
            #expect(tenant.map(\.action) == ["change", "create"])
            #expect(tenant[0].before?.hasPrefix(#"{"regions": {"#) == true, "\(tenant[0])")
            #expect(tenant[0].before?.contains("apa.example") == true)
            #expect(tenant[0].after?.contains("main/other") == true)
            #expect(tenant[1].before == nil && tenant[1].after?.contains("apa.example") == true)
        }
    }

    @Test("A key's entry has neither the key nor its hash")
    func keys() async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            var wanted = KeyChange()
            // No name hides itself by looking like bytes.
            wanted.name = #"\x shop"#
            let created = try await KeyStore(pool: pool).create(tenant: "apa", wanted, actor: "cli:ops")
            let entry = try #require(try await AuditReader(pool: pool).entries(limit: 1).first)
            #expect(entry.object == "key \(created.id.uuidString.lowercased()) of tenant apa")
            #expect(entry.after?.contains("shop") == true && entry.before == nil)
            let stored = try await pool.query("SELECT audit::text FROM audit").decode(String.self)
            let hash = APIKey.hash(created.key).map { String(format: "%02x", $0) }.joined()
            for row in stored { #expect(!row.contains(created.key) && !row.contains(hash)) }
        }
    }

    @Test("What is gone is said once more as it was; what changes nothing is noted, too")
    func ends() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = AdministrationTests.store(world)
            let reader = AuditReader(pool: pool)
            _ = try await KeyStore(pool: pool).create(tenant: "standard", actor: "test")
            _ = try await store.removeTenant("standard", actor: "admin x")
            let gone = try #require(try await reader.entries(limit: 1).first)
            #expect(gone.action == "delete" && gone.object == "tenant standard" && gone.after == nil)
            #expect(gone.before?.contains(#""from_domains""#) == true && gone.before?.contains("main/") == true)
            try await AuditOrigin.$requestID.withValue("request-8") {
                try await AuditNotes(pool: pool).note(action: "export", object: "tenant apa", actor: "admin x")
            }
            let note = try #require(try await reader.entries(limit: 1).first)
            #expect(note.action == "export" && note.object == "tenant apa" && note.requestID == "request-8")
        }
    }

    @Test("Filters are combined, and pages go on within them")
    func filters() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = AdministrationTests.store(world)
            for rate in 1...6 {
                try await AuditOrigin.$requestID.withValue("r\(rate)") {
                    _ = try await store.patchShare(
                        account: "main",
                        path: rate < 4 ? "UK/apa" : "AT",
                        change: ShareChange(rate: rate),
                        actor: rate % 2 == 0 ? "even" : "odd"
                    )
                }
            }
            let reader = AuditReader(pool: pool)
            var filter = AuditFilter()
            filter.actor = "odd"
            #expect(try await reader.entries(filter, limit: 10).compactMap(\.requestID) == ["r5", "r3", "r1"])
            let first = try await reader.entries(filter, limit: 1)
            let next = try await reader.entries(filter, limit: 2, after: try #require(first.first?.id))
            #expect(next.compactMap(\.requestID) == ["r3", "r1"])
            let newer = try await reader.entries(filter, limit: 1, before: try #require(next.last?.id))
            #expect(newer.compactMap(\.requestID) == ["r3"])
            filter.object = "share main/AT"
            #expect(try await reader.entries(filter, limit: 10).compactMap(\.requestID) == ["r5"])
            filter.action = "delete"
            #expect(try await reader.entries(filter, limit: 10).isEmpty)
            var byRequest = AuditFilter()
            byRequest.requestID = "r2"
            #expect(try await reader.entries(byRequest, limit: 10).map(\.actor) == ["even"])
            var byTime = AuditFilter()
            byTime.createdBefore = try await reader.entries(byRequest, limit: 1).first?.at
            #expect(try await reader.entries(byTime, limit: 1).compactMap(\.requestID) == ["r1"])
            byTime.createdAfter = byTime.createdBefore
            #expect(try await reader.entries(byTime, limit: 1).isEmpty)
        }
    }
}
