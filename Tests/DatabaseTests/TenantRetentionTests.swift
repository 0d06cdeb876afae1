import Directory
import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox
@testable import Sealing

/// Tenants that keep things for shorter than the day partitions do.
@Suite("Tenants' own retention")
struct TenantRetentionTests {
    private func pass(_ pool: PostgresPool) throws -> RetentionPass {
        RetentionPass(pool: pool, pseudonyms: Pseudonyms(pool: pool, vault: try TestVault.make(pool)))
    }

    private func run(_ pool: PostgresPool) async throws {
        #expect(try await pass(pool).run(until: .now + .seconds(60)))
    }

    /// A message of so many days ago that was sent and bounced.
    private func bounced(_ world: World, _ days: Int) async throws -> NewMessage {
        let message = try await world.old(days)
        let call = try #require(try await world.claim(message.laneID, 1).first)
        try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "ses-\(days)"))])
        let entry = EntryID.row(try #require(message.id.outbox(1)))
        _ = try await world.apply([try world.evidence(.bounced, entry, "ses-\(days)", recipient: "a@b.example")])
        return message
    }

    private func kept(_ message: NewMessage, _ pool: PostgresPool) async throws -> (
        bodies: Int, email: String?, events: Int
    ) {
        let row = try await pool.query(
            """
            SELECT (SELECT count(*) FROM body WHERE id = \(message.id.uuid)),
                   (SELECT email FROM outbox WHERE id BETWEEN \(message.id.uuid) AND last_of(\(message.id.uuid))),
                   (SELECT count(*) FROM event WHERE outbox_id BETWEEN \(message.id.uuid) AND last_of(\(message.id.uuid)))
            """
        ).decode(Int.self, String?.self, Int.self).first
        return (row?.0 ?? -1, row?.1, row?.2 ?? -1)
    }

    @Test("Bodies, addresses and events go at the tenant's own times; younger ones and other tenants' stay")
    func goes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = [try await bounced(world, 2), try await bounced(world, 5), try await bounced(world, 9)]
            let tenant = messages[0].tenantID
            let other = try #require(world.directory.tenant(named: "standard")?.id)
            let store = RetentionStore(pool: pool)
            try await store.set(RetentionWish(bodies: .seconds(3600)), tenantID: other, actor: "t")
            try await run(pool)
            for message in messages { #expect(try await kept(message, pool).bodies == 1) }

            let wish = RetentionWish(
                bodies: .seconds(86_400),
                addresses: .seconds(4 * 86_400),
                events: .seconds(8 * 86_400)
            )
            try await store.set(wish, tenantID: tenant, actor: "t")
            #expect(try await store.wish(tenantID: tenant) == wish)
            try await run(pool)
            let found = [
                try await kept(messages[0], pool), try await kept(messages[1], pool), try await kept(messages[2], pool),
            ]
            #expect(found.map(\.bodies) == [0, 0, 0])
            #expect(found.map { Pseudonyms.isOne($0.email ?? "") } == [false, true, true])
            #expect(found[1].email == found[2].email, "one address has one pseudonym")
            #expect(found.map { $0.events > 0 } == [true, true, false])
            #expect(try await world.statuses(messages[2]) == [.bounced], "what became of it stays")
            let reasons = try await pool.query("SELECT data::text FROM event WHERE type = 'email.bounced'").decode(
                String.self
            )
            #expect(reasons.count { $0.contains("why") } == 1)
        }
    }

    @Test("What waits keeps its body and address; the pass goes on behind it")
    func waiting() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let queued = try await world.old(9)
            let wish = RetentionWish(bodies: .seconds(86_400), addresses: .seconds(4 * 86_400))
            try await RetentionStore(pool: pool).set(wish, tenantID: queued.tenantID, actor: "t")
            try await run(pool)
            let found = try await kept(queued, pool)
            #expect(found.bodies == 1 && found.email == "a@b.example")
            let later = try await world.old(8)
            _ = try await Cancellation(pool: pool).cancel(later.id, tenantID: later.tenantID)
            #expect(try await kept(later, pool).bodies == 1)
            _ = try await pool.query("UPDATE tenant_retention SET bodies_cursor = \(queued.id.uuid)")
            try await run(pool)
            #expect(try await kept(later, pool).bodies == 0)
        }
    }

    @Test("Too short a time is named with the least that it may be")
    func least() {
        #expect(RetentionWish(addresses: .seconds(86_400)).faults.map(\.member) == ["addresses"])
        #expect(RetentionWish(events: .seconds(86_400)).faults.map(\.least) == [7 * 86_400])
        #expect(RetentionWish(bodies: .seconds(86_400), addresses: nil, events: .seconds(700_000)).faults.isEmpty)
    }
}
