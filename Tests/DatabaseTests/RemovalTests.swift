import Foundation
import Logging
import Outbox
import Postgres
import Testing

@testable import Directory

@Suite("Removing tenants and accounts, on a real database")
struct RemovalTests {
    @Test("Prune removes tenants with their keys and routes, and an account after its last route")
    func prune() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = AdministrationTests.store(world)
            _ = try await KeyStore(pool: pool).create(tenant: "standard", actor: "test")
            let lane = try world.lane("standard", "AT")
            var document = try World.parse()
            document.tenants.removeAll { $0.name == "standard" }
            let plan = try await store.apply(document, prune: true, actor: "test")
            #expect(plan.changes.map(\.description) == ["delete tenant standard: not in the file"])
            let after = try await DirectoryLoader.load(pool)
            #expect(after.tenants.values.map(\.name) == ["apa"])
            #expect(try await world.count("api_key") == 0)
            #expect(after.lanes[lane]?.isRetired == true)
            #expect(try await store.apply(document, prune: true, actor: "test").isEffective == false)
            // Accepted by a gateway that had not seen it, unknown at the end, and still brought to an end.
            let late = try world.message(tenant: "standard")
            try await world.accept([late])
            #expect(try await world.claim(lane, 1).count == 1)
            #expect(try await RecoveryTests.recover(world) == 1)
            #expect(try await Promoter(pool: pool).promote().queues.count == 1)
            #expect(try await world.claim(lane, 1).count == 1)

            let empty = DirectoryDocument(accounts: [], tenants: [])
            let refused = await #expect(throws: DirectoryError.self) {
                try await store.apply(empty, prune: true, actor: "test")
            }
            #expect(refused?.message.contains("account main (1)") == true, "\(String(describing: refused))")
            _ = try await pool.query("DELETE FROM claim")
            let dry = try await store.apply(empty, dryRun: true, prune: true, actor: "test")
            #expect(dry.changes.map(\.object).sorted() == ["account main", "tenant apa"])
            #expect(try await DirectoryLoader.load(pool).accounts.count == 1)
            _ = try await store.apply(empty, prune: true, actor: "test")
            let gone = try await DirectoryLoader.load(pool)
            #expect(gone.accounts.isEmpty && gone.tenants.isEmpty && gone.lanes.isEmpty)
            #expect(try await world.count("share") == 0)
        }
    }

    @Test("An account that gets mail between its last route and its removal stays")
    func lateMail() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool, settling: .seconds(1))
            let late = try world.message()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await #expect(throws: DirectoryError.self) {
                        try await store.apply(DirectoryDocument(accounts: [], tenants: []), prune: true, actor: "test")
                    }
                    #expect(error?.code == .conflict)
                    #expect(error?.message.contains("account main (1)") == true, "\(String(describing: error))")
                    #expect(error?.message.hasSuffix("the account stays, all else was applied") == true)
                }
                while try await world.count("tenant") > 0 { try await Task.sleep(for: .milliseconds(5)) }
                try await world.accept([late])
                try await group.waitForAll()
            }
            let left = try await DirectoryLoader.load(pool)
            #expect(left.tenants.isEmpty && left.accounts.count == 1)
            let lane = try #require(left.lanes[late.laneID])
            #expect(lane.isRetired)
            #expect(try await world.claim(lane.id, 1).count == 1)
        }
    }

    @Test("An account that is routed to again meanwhile stays")
    func routedAgain() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = DirectoryStore(pool: pool, settling: .seconds(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await #expect(throws: DirectoryError.self) {
                        try await store.apply(DirectoryDocument(accounts: [], tenants: []), prune: true, actor: "test")
                    }
                    #expect(
                        error?.message.contains("was routed to it meanwhile") == true,
                        "\(String(describing: error))"
                    )
                }
                while try await world.count("tenant") > 0 { try await Task.sleep(for: .milliseconds(5)) }
                _ = try await store.apply(try World.parse(), actor: "test")
                try await group.waitForAll()
            }
            let left = try await DirectoryLoader.load(pool)
            #expect(left.tenants.count == 2 && left.accounts.count == 1)
            #expect(left.tenant(named: "apa")?.route(region: "AT")?.lanes.count == 2)
        }
    }
}
