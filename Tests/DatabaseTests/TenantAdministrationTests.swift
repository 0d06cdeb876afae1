import Foundation
import Postgres
import Testing
import Yams

@testable import Directory

@Suite("Tenants one by one, on a real database")
struct TenantAdministrationTests {
    private static func document(_ yaml: String) throws -> TenantDocument {
        try YAMLDecoder().decode(TenantDocument.self, from: yaml)
    }

    @Test("A tenant is made, changed by version, and found as it was written")
    func put() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool)
            let wanted = try Self.document(
                """
                {name: new, from_domains: [New.example, a@b.example], regions: {AT: main/AT, UK: main/UK}, default_region: UK,
                 limits: {api_rate: 20, daily: 1000}, display_name: New, unknown_policy: hold}
                """
            )
            let dry = try await store.putTenant(wanted, dryRun: true, actor: "test")
            #expect(dry.isNew && dry.version == 0 && dry.changes.map(\.description) == ["create tenant new"])
            #expect(try await world.count("tenant") == 2)
            let made = try await store.putTenant(wanted, actor: "test")
            #expect(made.isNew && made.version == 1)
            let tenant = try #require(try await DirectoryLoader.load(pool).tenant(named: "new"))
            #expect(tenant.document == wanted && tenant.version == 1)
            #expect(tenant.fromDomains == ["new.example", "a@b.example"])
            #expect(tenant.limits == TenantLimits(apiRate: 20, daily: 1000))
            #expect(tenant.routes["AT"]?.lanes.count == 2)
            let same = try await store.putTenant(wanted, version: .oneOf([1]), actor: "test")
            #expect(same.changes.isEmpty && same.version == 1)

            var changed = wanted
            changed.limits.queued = 7
            changed.regions = ["UK": "main/UK"]
            let change = try await store.putTenant(changed, version: .oneOf([1]), actor: "test")
            #expect(change.version == 2 && !change.isNew)
            #expect(
                change.changes.map(\.detail) == [
                    "limits api_rate 20, queued none, daily 1000 -> api_rate 20, queued 7, daily 1000, "
                        + "region AT main/AT -> none"
                ]
            )
            #expect(try await DirectoryLoader.load(pool).tenant(named: "new")?.document == changed)
            await #expect(throws: DirectoryError.self) {
                _ = try await store.putTenant(changed, version: .oneOf([1]), actor: "test")
            }
            let entry = try #require(try await AuditReader(pool: pool).entries(limit: 1).first)
            #expect(entry.action == "change" && entry.object == "tenant new")
        }
    }

    @Test("A route to nowhere, and a version of a tenant that does not exist, are refused")
    func refused() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool)
            let lost = try Self.document("{name: new, from_domains: [], regions: {AT: main/nowhere}}")
            await #expect(throws: DirectoryError.self) { _ = try await store.putTenant(lost, actor: "test") }
            let fine = try Self.document("{name: new, from_domains: [], regions: {AT: main/AT}}")
            await #expect(throws: DirectoryError.self) {
                _ = try await store.putTenant(fine, version: .existing, actor: "test")
            }
            #expect(try await world.count("tenant") == 2)
        }
    }

    @Test("A tenant goes with its keys, and stays while mail of it is queued")
    func remove() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool)
            let key = try await KeyStore(pool: pool).create(tenant: "standard", actor: "test")
            let message = try world.message(tenant: "standard")
            try await world.accept([message])
            do {
                _ = try await store.removeTenant("standard", actor: "test")
                Issue.record("its mail is queued")
            } catch let error as DirectoryError {
                #expect(error.code == .conflict && error.message.contains("tenant standard (1)"))
            }
            _ = try await pool.query("DELETE FROM ready")
            let dry = try await store.removeTenant("standard", version: .oneOf([1]), dryRun: true, actor: "test")
            #expect(dry.changes.map(\.description) == ["delete tenant standard"])
            #expect(try await world.count("tenant") == 2)
            _ = try await store.removeTenant("standard", actor: "test")
            let directory = try await DirectoryLoader.load(pool)
            #expect(directory.tenant(named: "standard") == nil)
            guard case .unknown = directory.find(key: key.key, at: Date()) else {
                Issue.record("its key went with it")
                return
            }
            await #expect(throws: DirectoryError.self) { _ = try await store.removeTenant("standard", actor: "test") }
        }
    }

    @Test("Pausing changes the status and nothing else")
    func pause() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool)
            let change = try await store.setStatus(.paused, tenant: "apa", actor: "test")
            #expect(change.changes.map(\.detail) == ["status active -> paused"])
            #expect(try await store.setStatus(.paused, tenant: "apa", actor: "test").changes.isEmpty)
            var document = try #require(world.directory.tenant(named: "apa")).document
            document.status = .paused
            #expect(try await DirectoryLoader.load(pool).tenant(named: "apa")?.document == document)
        }
    }
}
