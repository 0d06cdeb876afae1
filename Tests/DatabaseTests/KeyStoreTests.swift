import Foundation
import Logging
import Outbox
import Postgres
import Testing

@testable import Directory

@Suite("Keys, on a real database")
struct KeyStoreTests {
    private static let limits: KeyChange = {
        var change = KeyChange()
        change.name = "shop"
        change.scopes = [.send, .read]
        change.domains = .some(["apa.example"])
        change.regions = .some(["AT"])
        change.allowedIPs = .some(["192.0.2.0/24"])
        return change
    }()

    private static func find(_ key: String, _ pool: PostgresPool) async throws -> KeyRecord? {
        let directory = try await DirectoryLoader.load(pool)
        if case .valid(let record) = directory.find(key: key, at: Date()) { return record }
        return nil
    }

    private static func holder(_ world: World, _ tenant: String = "apa") throws -> KeyHolder {
        .tenant(try #require(world.directory.tenant(named: tenant)).id, onlyTest: false)
    }

    @Test("A key is made, shown, changed, rotated and revoked, each in force with the next look at the directory")
    func life() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = KeyStore(pool: pool)
            let holder = try Self.holder(world)
            let before = try await DirectoryLoader.load(pool).version
            let made = try await store.create(tenant: "apa", Self.limits, actor: "test")
            let record = try #require(try await Self.find(made.key, pool))
            #expect(record.id == made.id && record.grant == made.info.grant)
            #expect(record.grant.scopes == [.send, .read] && record.grant.allowedIPs == ["192.0.2.0/24"])
            #expect(try await store.keys(of: holder, limit: 10) == [made.info])
            #expect(made.info.name == "shop" && made.info.lastUsedAt == nil && made.key.hasPrefix(made.info.hint))
            let hashes = try await pool.query(
                "SELECT count(*) FROM api_key WHERE strpos(api_key::text, \(made.key)) > 0"
            )
            #expect(try hashes.decode(Int.self) == [0], "the key itself is nowhere")

            var change = KeyChange()
            change.domains = .some(nil)
            let changed = try await store.change(made.id, change, of: holder, actor: "test")
            #expect(changed.grant.domains == nil && changed.grant.regions == ["AT"])
            #expect(try await Self.find(made.key, pool)?.grant.domains == nil)

            let rotated = try await store.rotate(made.id, overlap: .seconds(60), of: holder, actor: "test")
            #expect(rotated.id == made.id && rotated.info.oldKeyUntil != nil)
            #expect(try await Self.find(made.key, pool)?.id == made.id)
            #expect(try await Self.find(rotated.key, pool)?.id == made.id)
            let again = try await store.rotate(made.id, overlap: .zero, of: holder, actor: "test")
            #expect(try await Self.find(made.key, pool) == nil)
            #expect(try await Self.find(rotated.key, pool) == nil)
            #expect(try await Self.find(again.key, pool)?.id == made.id)

            try await store.revoke(made.id, of: holder, actor: "test")
            #expect(try await Self.find(again.key, pool) == nil)
            #expect(try await store.key(made.id, of: holder) == nil)
            #expect(try await store.keys(of: holder, limit: 10).isEmpty)
            let directory = try await DirectoryLoader.load(pool)
            #expect(directory.version == before + 5)
            let audit = try await AuditReader(pool: pool).entries(limit: 5)
            #expect(audit.map(\.action) == ["revoke", "rotate", "rotate", "change", "create"])
            #expect(audit.allSatisfy { $0.object == "key \(made.id.uuidString.lowercased()) of tenant apa" })
            #expect(!audit.contains { $0.detail.contains("apa.example") })
            let old = audit.compactMap(\.before)
            #expect(old.count == 4 && audit[4].before == nil, "\(old)")
            #expect(old[0] == #"{"revoked_at": null}"# && audit[0].after?.hasPrefix(#"{"revoked_at": "2"#) == true)
            #expect(old[2] == #"{"old_until": null}"# && audit[2].after?.hasPrefix(#"{"old_until": "2"#) == true)
            #expect(old[1] == audit[2].after && audit[1].after == old[2])
            #expect(old[3] == #"{"domains": ["apa.example"]}"# && audit[3].after == #"{"domains": null}"#)
        }
    }

    @Test(
        "A maker that was revoked, has expired or may do less by now gives nothing out, whatever its request was let in with"
    )
    func makers() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = KeyStore(pool: pool)
            let holder = try Self.holder(world)
            let other = try await store.create(tenant: "apa", actor: "test")
            let made = try await store.create(tenant: "apa", actor: "test")
            let maker = KeyMaker(id: made.id, grant: made.info.grant)
            let first = try await store.create(tenant: "apa", within: maker, actor: "test")
            #expect(first.info.grant == made.info.grant)

            func refusals(_ code: DirectoryError.Code) async throws {
                let attempts: [@Sendable () async throws -> Void] = [
                    { _ = try await store.create(tenant: "apa", within: maker, actor: "test") },
                    { _ = try await store.change(other.id, KeyChange(), of: holder, within: maker, actor: "test") },
                    { _ = try await store.rotate(other.id, overlap: .zero, of: holder, within: maker, actor: "test") },
                ]
                for attempt in attempts {
                    let error = await #expect(throws: DirectoryError.self) { try await attempt() }
                    #expect(error?.code == code)
                }
            }
            var less = KeyChange()
            less.scopes = [.keys]
            _ = try await store.change(made.id, less, of: holder, actor: "test")
            try await refusals(.exceeds)
            _ = try await pool.query("UPDATE api_key SET expires_at = now() WHERE id = \(made.id)")
            try await refusals(.ended)
            _ = try await pool.query("UPDATE api_key SET expires_at = NULL WHERE id = \(made.id)")
            try await store.revoke(made.id, of: holder, actor: "test")
            try await refusals(.ended)
            let error = await #expect(throws: DirectoryError.self) {
                try await store.revoke(other.id, of: holder, by: maker, actor: "test")
            }
            #expect(error?.code == .ended)
            #expect(try await store.keys(of: holder, limit: 10).map(\.id) == [other.id, first.id])
        }
    }

    @Test("A key of another tenant, or of a test tenant's live side, is as one that does not exist")
    func foreign() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = KeyStore(pool: pool)
            let live = try await store.create(tenant: "apa", actor: "test")
            let foreign = try Self.holder(world, "standard")
            let tests = KeyHolder.tenant(try #require(world.directory.tenant(named: "apa")).id, onlyTest: true)
            for holder in [foreign, tests] {
                #expect(try await store.key(live.id, of: holder) == nil)
                await #expect(throws: DirectoryError.self) {
                    try await store.revoke(live.id, of: holder, actor: "test")
                }
                await #expect(throws: DirectoryError.self) {
                    _ = try await store.rotate(live.id, overlap: .zero, of: holder, actor: "test")
                }
                await #expect(throws: DirectoryError.self) {
                    _ = try await store.change(live.id, KeyChange(), of: holder, actor: "test")
                }
            }
            #expect(try await Self.find(live.key, pool) != nil)
        }
    }

    @Test("More than the maker may is refused, and nothing is made")
    func bounds() async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            let store = KeyStore(pool: pool)
            let wide = Self.limits
            let maker = KeyMaker(id: UUID(), grant: KeyGrant(scopes: [.keys]))
            await #expect(throws: DirectoryError.self) {
                _ = try await store.create(tenant: "apa", wide, within: maker, actor: "test")
            }
            await #expect(throws: DirectoryError.self) {
                _ = try await store.create(tenant: "nobody", actor: "test")
            }
            let keys = try await pool.query("SELECT count(*) FROM api_key").decode(Int.self)
            #expect(keys == [0])
        }
    }

    @Test("The last use of all keys is written at once, and never goes back")
    func lastUse() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = KeyStore(pool: pool)
            let a = try await store.create(tenant: "apa", actor: "test")
            let b = try await store.create(tenant: "apa", actor: "test")
            let version = try await DirectoryLoader.load(pool).version
            let uses = KeyUses(pool: pool, logger: Logger(label: "test"))
            let time = Date(timeIntervalSince1970: 1_800_000_000)
            uses.note(a.id, at: time.addingTimeInterval(-5))
            uses.note(a.id, at: time)
            uses.note(b.id, at: time)
            try await uses.write()
            uses.note(a.id, at: time.addingTimeInterval(-60))
            try await uses.write()
            try await uses.write()
            let holder = try Self.holder(world)
            #expect(try await store.keys(of: holder, limit: 10).map(\.lastUsedAt) == [time, time])
            #expect(try await DirectoryLoader.load(pool).version == version, "no node need reload for it")
            #expect(try await store.keys(of: holder, limit: 1, after: a.id).map(\.id) == [b.id])
            #expect(try await store.keys(of: holder, limit: 1, before: b.id).map(\.id) == [a.id])
        }
    }

    @Test("A revocation is in force on another node within two seconds")
    func revocationIsSeen() async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            let store = KeyStore(pool: pool)
            let key = try await store.create(tenant: "apa", actor: "test")
            let cache = DirectoryCache(pool: pool, logger: Logger(label: "test"))
            func isValid() -> Bool {
                if case .valid? = cache.current?.find(key: key.key, at: Date()) { true } else { false }
            }
            try await withThrowingTaskGroup { group in
                group.addTask { try await cache.run() }
                while !isValid() { try await Task.sleep(for: .milliseconds(10)) }
                try await store.revoke(key.id, of: .anybody, actor: "test")
                // The promise counts from the answer: the change itself waits for others, and for a busy database.
                let start = ContinuousClock.now
                while isValid() { try await Task.sleep(for: .milliseconds(10)) }
                #expect(ContinuousClock.now - start < .seconds(2))
                group.cancelAll()
            }
        }
    }
}
