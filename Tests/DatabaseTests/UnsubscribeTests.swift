import Directory
import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Who does not want bulk mail any more")
struct UnsubscribeTests {
    private static func bulk(_ world: World, _ email: String) throws -> NewMessage {
        var message = try world.message(recipients: [email])
        message.stream = .bulk
        message.laneID = try world.lane("apa", "AT", "bulk")
        return message
    }

    private static func feed(_ pool: PostgresPool, _ tenantID: Int32) async throws -> [FeedEntry] {
        var turn = SequencerTurn()
        while try await turn.take(from: pool) > 0 {}
        let start = FeedPosition(seq: 0, at: Date(timeIntervalSince1970: 0))
        return try await FeedReader(pool: pool).page(tenantID: tenantID, after: start, limit: 100).entries
    }

    @Test("Bulk mail to it is suppressed, also what waits already; other mail goes, and so does another tenant's")
    func byStream() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = UnsubscribeStore(pool: pool)
            let early = try Self.bulk(world, "Ann@b.example")
            try await world.accept([early])
            let copy = try #require(early.id.outbox(1))
            #expect(try await store.unsubscribe("ann@b.example", from: copy, tenantID: early.tenantID))
            #expect(try await world.claim(early.laneID, 1).map(\.isSuppressed) == [true])
            let late = try Self.bulk(world, "ann@b.example")
            let receipt = try world.message(recipients: ["ann@b.example"])
            let foreign = try world.message(tenant: "standard", recipients: ["ann@b.example"])
            try await world.accept([late, receipt, foreign])
            #expect(try await world.statuses(late) == [.suppressed])
            #expect(try await world.statuses(receipt) == [.queued])
            #expect(try await world.statuses(foreign) == [.queued])
            #expect(try await world.claim(receipt.laneID, 2).allSatisfy { !$0.isSuppressed })
        }
    }

    @Test("It is recorded and told once")
    func once() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = UnsubscribeStore(pool: pool)
            let message = try Self.bulk(world, "ann@b.example")
            try await world.accept([message])
            let copy = try #require(message.id.outbox(1))
            #expect(try await store.unsubscribe("ann@b.example", from: copy, tenantID: message.tenantID))
            #expect(try await !store.unsubscribe("ann@b.example", from: copy, tenantID: message.tenantID))
            let entries = try await Self.feed(pool, message.tenantID)
            #expect(entries.map(\.type) == ["email.queued", "email.unsubscribed"])
            let last = try #require(entries.last)
            let data = try #require(
                JSONSerialization.jsonObject(with: Data(last.data.utf8)) as? [String: Any]
            )
            #expect(data["recipient"] as? String == "ann@b.example" && data["stream"] as? String == "bulk")
            #expect(data["message_id"] as? String == message.id.description && data["status"] as? String == "queued")
            #expect(entries.last?.subject?.stream == "bulk")
            #expect(try await world.events(message).contains(.unsubscribed))
            // Lifted by the tenant, and clicked again.
            let list = SuppressionStore(pool: pool)
            let address = try EmailAddress(parsing: "ann@b.example")
            #expect(try await list.remove(address, tenantID: message.tenantID, actor: "test"))
            #expect(try await store.unsubscribe("ann@b.example", from: copy, tenantID: message.tenantID))
            #expect(try await Self.feed(pool, message.tenantID).count == 3)
        }
    }

    @Test("It works long after the mail was forgotten")
    func forgotten() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let store = UnsubscribeStore(pool: pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            // Of 2024: no partition knows it.
            let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            #expect(try await store.unsubscribe("ann@b.example", from: copy, tenantID: tenant))
            let entry = try #require(try await Self.feed(pool, tenant).first)
            #expect(entry.type == "email.unsubscribed" && entry.data.contains("ann@b.example"))
            let found = try await SuppressionStore(pool: pool).suppression(
                of: try EmailAddress(parsing: "ann@b.example"),
                tenantID: tenant
            )
            #expect(found?.reason == .unsubscribe && found?.stream == .bulk)
            #expect(found?.messageID == copy.message.description)
            #expect(try await !store.unsubscribe("bob@b.example", from: copy, tenantID: 99_999), "its tenant is gone")
        }
    }

    @Test("An address that was erased meanwhile is not brought back, and stays unsubscribed")
    func erased() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try Self.bulk(world, "ann@b.example")
            try await world.accept([message])
            let copy = try #require(message.id.outbox(1))
            let pseudonym = "erased-1234@erased.invalid"
            _ = try await pool.query("UPDATE outbox SET email = \(pseudonym) WHERE id = \(copy.uuid)")
            let store = UnsubscribeStore(pool: pool)
            #expect(try await store.unsubscribe("ann@b.example", from: copy, tenantID: message.tenantID))
            #expect(try await pool.query("SELECT email FROM suppression").decode(String.self) == [pseudonym])
            let told = try await Self.feed(pool, message.tenantID).filter { $0.type == "email.unsubscribed" }
            #expect(told.count == 1 && told.allSatisfy { !$0.data.contains("ann@") && $0.data.contains(pseudonym) })
        }
    }

    @Test("A row that is kept longer than its events gets one that stands alone")
    func eventsGone() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            _ = try await pool.query("SELECT make_partitions('2024-04-21')")
            _ = try await pool.query("ALTER TABLE event DETACH PARTITION event_20240421")
            _ = try await pool.query(
                """
                INSERT INTO outbox (id, tenant_id, email, kind, status)
                SELECT \(PostgresUUID(high: copy.high, low: copy.low)), \(tenant), 'ann@b.example', 'to', 80
                """
            )
            #expect(try await UnsubscribeStore(pool: pool).unsubscribe("ann@b.example", from: copy, tenantID: tenant))
            #expect(try await Self.feed(pool, tenant).map(\.type) == ["email.unsubscribed"])
            #expect(try await world.count("suppression") == 1)
        }
    }

    @Test("A bounce suppresses all mail beside it, and the list shows and orders both")
    func beside() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let list = SuppressionStore(pool: pool)
            let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            for email in ["b@x.example", "a@x.example"] {
                _ = try await UnsubscribeStore(pool: pool).unsubscribe(email, from: copy, tenantID: tenant)
            }
            _ = try await list.add(
                try EmailAddress(parsing: "a@x.example"),
                reason: .bounce,
                detail: nil,
                tenantID: tenant,
                actor: "test"
            )
            var places: [String] = []
            var after: String?
            repeat {
                let page = try await list.suppressions(
                    tenantID: tenant,
                    filter: SuppressionFilter(),
                    limit: 1,
                    after: after,
                    before: nil
                )
                after = page.suppressions.last?.place
                places += page.suppressions.map(\.place)
            } while after != nil
            #expect(places == ["a@x.example", "a@x.example/bulk", "b@x.example/bulk"])
            let before = try await list.suppressions(
                tenantID: tenant,
                filter: SuppressionFilter(),
                limit: 10,
                after: nil,
                before: "b@x.example/bulk"
            )
            #expect(before.suppressions.map(\.place) == ["a@x.example", "a@x.example/bulk"])
            let all = try await list.suppression(of: try EmailAddress(parsing: "a@x.example"), tenantID: tenant)
            #expect(all?.stream == nil && all?.reason == .bounce)
            let unsubscribed = try await list.suppressions(
                tenantID: tenant,
                filter: SuppressionFilter(reason: .unsubscribe),
                limit: 10,
                after: nil,
                before: nil
            )
            #expect(unsubscribed.suppressions.count == 2)
            // Both go, and only the one for all mail concerns SES.
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true")
            #expect(try await list.remove(try EmailAddress(parsing: "a@x.example"), tenantID: tenant, actor: "test"))
            #expect(try await list.remove(try EmailAddress(parsing: "b@x.example"), tenantID: tenant, actor: "test"))
            let mirrored = try await pool.query("SELECT email FROM suppression_mirror").decode(String.self)
            #expect(mirrored == ["a@x.example"])
        }
    }

    @Test("Links are sealed by one key of the database")
    func key() async throws {
        try await withDatabase { pool in
            _ = try await World(pool)
            let first = try #require(try await DirectoryLoader.load(pool).unsubscribeKey)
            let second = try #require(try await DirectoryLoader.load(pool).unsubscribeKey)
            let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            let unsubscription = Unsubscription(tenantID: 1, copy: copy, email: "ann@b.example")
            #expect(second.unsubscription(of: first.token(of: unsubscription)) == unsubscription)
        }
    }
}
