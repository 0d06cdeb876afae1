import Capacity
import Foundation
import Logging
import Outbox
import Postgres
import Testing

@testable import Directory

@Suite("Live changes, on a real database")
struct AdministrationTests {
    static func store(_ world: World) -> DirectoryStore {
        DirectoryStore(pool: world.pool, settling: .milliseconds(20))
    }

    static func version(_ world: World) async throws -> Int64 {
        try await world.pool.query("SELECT version FROM account WHERE name = 'main'").decode(Int64.self).first ?? 0
    }

    static func shares(_ world: World) async throws -> [Share] {
        try #require(try await DirectoryLoader.load(world.pool).account(named: "main")).shares
    }

    static func tree(_ yaml: String) throws -> ShareTreeDocument {
        try JSONDecoder().decode(ShareTreeDocument.self, from: Data(#"{"shares": \#(yaml)}"#.utf8))
    }

    @Test("The version grows with the account and its shares, and with nothing else")
    func version() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            #expect(try await Self.version(world) == 1)
            #expect(try await store.apply(try World.parse(), actor: "test").isEffective == false)
            #expect(try await Self.version(world) == 1)
            let patched = try await store.patchShare(
                account: "main",
                path: "AT",
                change: ShareChange(rate: 20),
                actor: "test"
            )
            #expect(patched.version == 2)
            #expect(
                patched.changes.map(\.description) == [
                    "change share main/AT: rate 30 -> 20, ceiling 30 -> 20, weight 30 -> 20"
                ]
            )
            #expect(try await Self.version(world) == 2)
            #expect(try await Self.shares(world)[0] == Share(name: "AT", rate: 20, lend: false))
            let same = try await store.patchShare(
                account: "main",
                path: "AT",
                change: ShareChange(rate: 20),
                actor: "t"
            )
            #expect(same.changes.isEmpty && same.version == 2)
            let dry = try await store.patchShare(
                account: "main",
                path: "AT",
                change: ShareChange(rate: 21),
                dryRun: true,
                actor: "test"
            )
            #expect(dry.changes.count == 1 && dry.version == 2)
            var document = try World.parse()
            document.accounts = []
            document.tenants[0].fromDomains.append("more.example")
            #expect(try await store.apply(document, actor: "test").isEffective)
            #expect(try await Self.version(world) == 2, "tenants are not the account's")
            let snapshot = try await DirectoryLoader.load(pool)
            #expect(snapshot.account(named: "main")?.version == 2)
        }
    }

    @Test("A whole tree is replaced; lanes of removed shares go on as retired lanes of the nearest share that stays")
    func retiredLanes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            let before = try world.lane("apa", "UK")
            #expect(world.directory.lanes[before]?.name == "main/UK/apa/apa/transactional")
            let change = try await store.putShares(
                account: "main",
                shares: try Self.tree(#"{"AT": {"rate": 30, "lend": false}, "UK": {"rate": 10}}"#),
                version: .oneOf([1]),
                actor: "test"
            )
            #expect(change.version == 2)
            #expect(Set(change.changes.map(\.object)) == ["share main/UK", "share main/UK/apa", "share main/other"])
            let after = try await DirectoryLoader.load(pool)
            let account = try #require(after.account(named: "main"))
            #expect(account.shareIDs.keys.sorted() == ["", "AT", "UK"])
            let retired = try #require(after.lanes[before])
            #expect(retired.isRetired)
            #expect(retired.shareID == account.shareIDs["UK"])
            let live = try #require(after.tenant(named: "apa")?.route(region: "UK")?.lanes["transactional"])
            #expect(live != before)
            #expect(after.lanes[live]?.isRetired == false)
            // A gateway that has not seen the change yet still accepts into the old lane: it is sent.
            let late = try world.message(region: "UK")
            try await world.accept([late])
            #expect(try await world.claim(before, 1).count == 1)
            // The share comes back with new lanes, beside the retired ones.
            _ = try await store.apply(try World.parse(), actor: "test")
            let again = try await DirectoryLoader.load(pool)
            let new = try #require(again.tenant(named: "apa")?.route(region: "UK")?.lanes["transactional"])
            #expect(![before, live].contains(new))
            #expect(again.lanes[live]?.isRetired == false, "moves of a route leave the old lanes")
        }
    }

    @Test("A share with queued, deferred or claimed mail is not removed, and nothing else is")
    func queuedMail() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            let messages = try (0..<2).map { _ in try world.message(region: "UK") }
            let later = try world.message(region: "UK", scheduledAt: Date(timeIntervalSinceNow: 3600))
            try await world.accept(messages + [later])
            _ = try await world.claim(try world.lane("apa", "UK"), 1)
            let tree = try Self.tree(#"{"AT": {"rate": 30, "lend": false}, "UK": {"rate": 10, "ceiling": 20}}"#)
            for dryRun in [true, false] {
                let error = await #expect(throws: DirectoryError.self) {
                    try await store.putShares(account: "main", shares: tree, version: .any, dryRun: dryRun, actor: "t")
                }
                #expect(error?.code == .conflict)
                #expect(error?.message.contains("share main/UK/apa (3)") == true, "\(String(describing: error))")
                #expect(error?.message.contains("other") == false)
            }
            #expect(try await Self.shares(world).map(\.name) == ["AT", "UK", "other"])
            var document = try World.parse()
            document.tenants.remove(at: 0)
            let error = await #expect(throws: DirectoryError.self) {
                try await store.apply(document, prune: true, actor: "test")
            }
            #expect(error?.message.contains("tenant apa (3)") == true, "\(String(describing: error))")
            #expect(try await DirectoryLoader.load(pool).tenants.count == 2)
        }
    }

    @Test("Of two admins at the same version one is refused, and nothing of theirs is mixed")
    func twoAdmins() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            let trees = try [
                #"{"AT": {"rate": 30, "lend": false}, "UK": {"rate": 20, "shares": {"apa": {"rate": 6}}}}"#,
                #"{"AT": {"rate": 10, "lend": false}, "UK": {"rate": 40, "shares": {"apa": {"rate": 30}}}}"#,
            ].map(Self.tree)
            for round in 0..<5 {
                let version = try await Self.version(world)
                let outcomes = await withTaskGroup(of: Result<Int, any Error>.self) { group in
                    for (index, tree) in trees.enumerated() {
                        group.addTask {
                            do {
                                let change = try await store.putShares(
                                    account: "main",
                                    shares: tree,
                                    version: .oneOf([version]),
                                    actor: "admin \(index)"
                                )
                                #expect(change.version >= version)
                                return .success(index)
                            } catch {
                                return .failure(error)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let winners = outcomes.compactMap { try? $0.get() }
                let present = try await Self.shares(world)
                // The one whose tree is in force already changes nothing, so that both may come through.
                #expect(round == 0 ? winners.count == 1 : !winners.isEmpty)
                #expect(
                    trees.contains {
                        $0.shares.first { $0.name == "UK" }?.rate == present.first { $0.name == "UK" }?.rate
                    }
                )
                for case .failure(let error) in outcomes { #expect((error as? DirectoryError)?.code == .staleVersion) }
                let sum = present.reduce(0) { $0 + $1.rate }
                #expect(sum == 50)
            }
        }
    }

    @Test("Changes to one share by many at once all count")
    func manyPatches() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (path, rate) in [("AT", 21), ("UK", 9), ("UK/apa", 5), ("other", 8)] {
                    group.addTask {
                        _ = try await store.patchShare(
                            account: "main",
                            path: path,
                            change: ShareChange(rate: rate),
                            actor: "test"
                        )
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.shares(world).map(\.rate) == [21, 9, 8])
            #expect(try await Self.shares(world)[1].children.map(\.rate) == [5])
            #expect(try await Self.version(world) == 5)
        }
    }

    @Test("An account is made and replaced; its shares and its pause stay")
    func putAccount() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            func settings(_ json: String) throws -> AccountSettings {
                try JSONDecoder().decode(AccountSettings.self, from: Data(json.utf8))
            }
            let new = try await store.putAccount(
                "second",
                try settings(#"{"aws_region": "us-east-1", "quota": {"rate": 0.5, "daily": 200, "even_out": true}}"#),
                actor: "test"
            )
            #expect(new.isNew && new.version == 1)
            let stored = try await DirectoryLoader.load(pool).account(named: "second")
            #expect(stored?.quota == .fixed(rate: 0.5, daily: 200, evenOut: true))
            #expect(stored?.shareIDs[""] != nil)
            #expect(stored?.version == 1)
            let paused = try await store.setPaused(account: "main", true, actor: "test")
            #expect(paused.version == 2)
            #expect(try await store.setPaused(account: "main", true, actor: "test").version == 2)
            let low = await #expect(throws: DirectoryError.self) {
                try await store.putAccount(
                    "main",
                    try settings(#"{"aws_region": "x", "quota": {"rate": 49}}"#),
                    actor: "t"
                )
            }
            #expect(low?.code == .invalidShares)
            let put = try await store.putAccount(
                "main",
                try settings(#"{"aws_region": "eu-west-1", "quota": "auto", "credentials": {"profile": "p"}}"#),
                version: .oneOf([2]),
                actor: "test"
            )
            #expect(put.version == 3 && !put.isNew)
            let main = try #require(try await DirectoryLoader.load(pool).account(named: "main"))
            #expect(main.isPaused && main.shares.count == 3 && main.quota == .auto && main.endpoint == nil)
            #expect(main.version == 3)
            for (name, code) in [("none", DirectoryError.Code.notFound), ("main", .staleVersion)] {
                let error = await #expect(throws: DirectoryError.self) {
                    try await store.putAccount(
                        name,
                        try settings(#"{"aws_region": "x", "quota": "auto"}"#),
                        version: .oneOf([1]),
                        actor: "test"
                    )
                }
                #expect(error?.code == code)
            }
            let none = await #expect(throws: DirectoryError.self) {
                try await store.putAccount(
                    "none",
                    try settings(#"{"aws_region": "x", "quota": "auto"}"#),
                    version: .existing,
                    actor: "test"
                )
            }
            #expect(none?.code == .notFound)
            let unknown = await #expect(throws: DirectoryError.self) {
                try await store.setPaused(account: "none", true, actor: "test")
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test("Every change is in the audit, newest first, by pages; refused and dry ones are not")
    func audit() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            let reader = AuditReader(pool: pool)
            let start = try await reader.entries(limit: 100).count
            for rate in 1...5 {
                _ = try await store.patchShare(
                    account: "main",
                    path: "UK/apa",
                    change: ShareChange(rate: rate),
                    actor: "admin x"
                )
            }
            _ = try? await store.patchShare(account: "main", path: "AT", change: ShareChange(rate: 99), actor: "x")
            _ = try await store.patchShare(
                account: "main",
                path: "AT",
                change: ShareChange(rate: 9),
                dryRun: true,
                actor: "x"
            )
            let all = try await reader.entries(limit: 100)
            #expect(all.count == start + 5)
            #expect(all.map(\.id) == all.map(\.id).sorted(by: >))
            #expect(all[0].actor == "admin x" && all[0].action == "change" && all[0].object == "share main/UK/apa")
            #expect(all[0].detail.contains("rate 4 -> 5"))
            let older = try await reader.entries(limit: 2, after: all[1].id)
            #expect(older == Array(all[2...3]))
            let newer = try await reader.entries(limit: 2, before: all[4].id)
            #expect(newer == Array(all[2...3]))
            #expect(try await reader.entries(limit: 2, before: all[0].id).isEmpty)
        }
    }

    @Test("The directory in memory follows a change at once when it is asked to")
    func refresh() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let cache = DirectoryCache(pool: pool, logger: .init(label: "test"))
            try await cache.refresh()
            _ = try await Self.store(world).setPaused(account: "main", true, actor: "test")
            #expect(cache.current?.account(named: "main")?.isPaused == false)
            try await cache.refresh()
            #expect(cache.current?.account(named: "main")?.isPaused == true)
        }
    }

    @Test("A tree of ten thousand shares is written as one statement")
    func manyShares() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = Self.store(world)
            let shares = try await Self.shares(world)
            let many = (0..<10_000).map { Share(name: "s\($0)", rate: 0, ceiling: .parent) }
            _ = try await store.putShares(
                account: "main",
                shares: ShareTreeDocument(shares: shares + many),
                version: .any,
                actor: "test"
            )
            let loaded = try await Self.shares(world)
            #expect(loaded.count == 10_003)
            #expect(loaded[3].name == "s0")
        }
    }
}
