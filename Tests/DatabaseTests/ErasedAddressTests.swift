import Directory
import Foundation
import Logging
import Mail
import Postgres
import Testing

@testable import Outbox
@testable import Sealing

/// What happens to an address after it was erased, and what happens meanwhile.
@Suite("Addresses that were erased")
struct ErasedAddressTests {
    private static let email = "jane@gone.example"

    private let logger = Logger(label: "test")

    private func pseudonyms(_ pool: PostgresPool) throws -> Pseudonyms {
        Pseudonyms(pool: pool, vault: try TestVault.make(pool))
    }

    /// Erases it, as far as can be done now; returns what stands for it.
    @discardableResult
    private func erase(
        _ tenantID: Int32,
        _ pool: PostgresPool,
        email: String = Self.email
    ) async throws -> String {
        let store = ErasureStore(pool: pool, pseudonyms: try pseudonyms(pool))
        let erasure = try await store.start(try EmailAddress(parsing: email), tenantID: tenantID, actor: "t")
        try await work(pool)
        return erasure.pseudonym
    }

    private func work(_ pool: PostgresPool) async throws {
        let step = ErasureStep(pool: pool)
        while try await step.run() {}
    }

    private func bulk(_ world: World, _ email: String = Self.email) throws -> NewMessage {
        var message = try world.message(recipients: [email])
        message.stream = .bulk
        message.laneID = try world.lane("apa", "AT", "bulk")
        return message
    }

    private func accept(_ messages: [NewMessage], _ writer: AcceptWriter) async throws {
        for message in messages { _ = try await writer.accept(message) }
    }

    private func suppressions(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query("SELECT email || ' ' || stream || ' ' || reason FROM suppression ORDER BY email, stream")
            .decode(String.self)
    }

    @Test("Each of its suppressions stays, for its own stream, also at the second look; the streams keep apart")
    func streams() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            for (stream, reason) in [("bulk", "unsubscribe"), ("transactional", "manual")] {
                let email = stream == "bulk" ? Self.email : "other@gone.example"
                _ = try await pool.query(
                    "INSERT INTO suppression (tenant_id, email, stream, reason) VALUES (\(tenant), \(email), \(stream), \(reason))"
                )
            }
            let first = try await erase(tenant, pool)
            let second = try await erase(tenant, pool, email: "other@gone.example")
            #expect(
                try await suppressions(pool)
                    == ["\(first) bulk unsubscribe", "\(second) transactional manual"].sorted()
            )
            let writer = AcceptWriter(pool: pool, pseudonyms: try pseudonyms(pool), logger: logger)
            try await withThrowingTaskGroup { group in
                group.addTask { try await writer.run() }
                // The first flush learns of it, the others ask with the addresses.
                for _ in 0..<3 {
                    let mail = [
                        try bulk(world, "Jane@gone.example"), try world.message(recipients: [Self.email]),
                        try bulk(world, "other@gone.example"), try world.message(recipients: ["other@gone.example"]),
                    ]
                    try await accept(mail, writer)
                    #expect(try await world.statuses(mail[0]) == [.suppressed])
                    #expect(try await world.statuses(mail[1]) == [.queued])
                    #expect(try await world.statuses(mail[2]) == [.queued])
                    #expect(try await world.statuses(mail[3]) == [.suppressed])
                }
                group.cancelAll()
            }
        }
    }

    @Test("Broadcasts leave it out as other mail does")
    func broadcast() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try bulk(world, "x@y.example")
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, stream, reason) VALUES (\(message.tenantID), \(Self.email), 'bulk', 'unsubscribe')"
            )
            try await erase(message.tenantID, pool)
            var mail = message
            mail.recipients = []
            var rest = ["a@b.example", "JANE@gone.example"].map { BroadcastRecipient(email: $0, data: nil) }
            let writer = BroadcastWriter(pool: pool, pseudonyms: try pseudonyms(pool), logger: logger)
            _ = try await writer.accept(mail, count: 2) {
                defer { rest = [] }
                return rest
            }
            #expect(try await world.statuses(mail) == [.queued, .suppressed])
        }
    }

    @Test("A click on a link from before is kept under the pseudonym, and mail from after it under the address")
    func unsubscribes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try bulk(world)
            try await world.accept([message])
            let copy = try #require(message.id.outbox(1))
            let pseudonym = try await erase(message.tenantID, pool)
            let store = UnsubscribeStore(pool: pool, pseudonyms: try pseudonyms(pool))
            #expect(try await store.unsubscribe("Jane@gone.example", from: copy, tenantID: message.tenantID))
            #expect(try await !store.unsubscribe(Self.email, from: copy, tenantID: message.tenantID))
            #expect(try await suppressions(pool) == ["\(pseudonym) bulk unsubscribe"])
            let told = try await pool.query("SELECT data ->> 'recipient' FROM event WHERE type = 'email.unsubscribed'")
            #expect(try told.decode(String.self) == [pseudonym])
            // What is sent to it later is no secret: its links are from after the erasure.
            _ = try await pool.query("UPDATE erasure SET last_id = \(copy.uuid)")
            _ = try await pool.query("DELETE FROM suppression")
            let later = try bulk(world)
            let link = try #require(later.id.outbox(1))
            #expect(try await store.unsubscribe(Self.email, from: link, tenantID: later.tenantID))
            #expect(try await suppressions(pool) == ["\(Self.email) bulk unsubscribe"])
        }
    }

    @Test("An event that stands alone loses the address too, and only of this tenant")
    func alone() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (own, foreign) = (try bulk(world), try world.message(tenant: "standard"))
            let store = UnsubscribeStore(pool: pool)
            for message in [own, foreign] {
                // No such row: it was forgotten before the click.
                let copy = try #require(message.id.outbox(1))
                _ = try await store.unsubscribe(Self.email, from: copy, tenantID: message.tenantID)
            }
            let pseudonym = try await erase(own.tenantID, pool)
            let left = try await pool.query("SELECT tenant_id, data ->> 'recipient' FROM event ORDER BY tenant_id")
                .decode(Int32.self, String.self)
            #expect(Dictionary(uniqueKeysWithValues: left) == [own.tenantID: pseudonym, foreign.tenantID: Self.email])
        }
    }

    @Test(
        "SES's list loses the address itself when the tenant lets mail go to it again, although it is kept under none"
    )
    func mirror() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true")
            let list = SuppressionStore(pool: pool, pseudonyms: try pseudonyms(pool))
            let address = try EmailAddress(parsing: Self.email)
            for _ in 0..<2 {
                // Under both names, the second time.
                _ = try await list.add(address, reason: .manual, detail: nil, tenantID: tenant, actor: "t")
                try await erase(tenant, pool)
            }
            _ = try await list.add(address, reason: .manual, detail: nil, tenantID: tenant, actor: "t")
            #expect(try await suppressions(pool).count == 2)
            #expect(try await list.remove(address, tenantID: tenant, actor: "t"))
            #expect(try await suppressions(pool).isEmpty)
            let wishes = try await pool.query("SELECT email || ' ' || removes FROM suppression_mirror").decode(
                String.self
            )
            #expect(wishes == ["\(Self.email) true"])
        }
    }

    @Test("Late word about one of a call's recipients finds the row that was erased, with a tag or by SES's id")
    func jointCall() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(
                recipients: ["a@b.example", Self.email, "c@b.example"],
                split: false
            )
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            let pseudonym = try await erase(message.tenantID, pool)
            let delivery = try world.evidence(
                .delivered,
                call.entry,
                "s",
                recipient: Self.email,
                isTagged: false
            )
            let bounce = try world.evidence(
                .bounced,
                call.entry,
                "s",
                recipient: Self.email,
                suppression: .bounce
            )
            let other = try world.evidence(.delivered, call.entry, "s", recipient: "A@b.example")
            #expect(try await world.apply([delivery]) == [.applied])
            #expect(try await world.apply([bounce, other]) == [.applied, .applied])
            #expect(try await world.statuses(message) == [.delivered, .bounced, .sent])
            #expect(try await suppressions(pool) == ["\(pseudonym)  bounce"])
            // With two of them nobody can tell.
            try await erase(message.tenantID, pool, email: "c@b.example")
            let late = try world.evidence(.complained, call.entry, "s", recipient: "c@b.example")
            #expect(try await world.apply([late]) == [.unmatched])
        }
    }

    @Test(
        "It waits for whoever has a row, takes the locks in everybody's order, and ends beside accepting and claiming"
    )
    func beside() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<60).map {
                try world.message(
                    recipients: [Self.email, "r\($0)@b.example", "Jane@gone.example"],
                    split: $0.isMultiple(of: 3)
                )
            }
            try await world.accept(messages)
            let tenant = messages[0].tenantID
            let store = ErasureStore(pool: pool, pseudonyms: try pseudonyms(pool))
            let erasure = try await store.start(try EmailAddress(parsing: Self.email), tenantID: tenant, actor: "t")
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for round in 0..<12 {
                        let calls = try await world.claim(messages[0].laneID, 9)
                        try await world.settle(
                            calls.enumerated().map { index, call in
                                Outcome(
                                    call: call,
                                    result: index.isMultiple(of: 2)
                                        ? .sent(sesMessageID: "s\(round)-\(index)") : .returned
                                )
                            }
                        )
                    }
                }
                group.addTask {
                    for message in messages {
                        let rows = (1...3).compactMap { message.id.outbox($0)?.uuid }.reversed()
                        _ = try await pool.query(
                            "SELECT FROM outbox WHERE id = ANY (\(Array(rows))) ORDER BY id FOR UPDATE"
                        )
                    }
                }
                group.addTask {
                    let step = ErasureStep(pool: pool)
                    for _ in 0..<40 {
                        _ = try await step.run()
                        _ = try await pool.query("UPDATE erasure SET next_at = now() WHERE ended_at IS NULL")
                    }
                }
                try await group.waitForAll()
            }
            try await work(pool)
            #expect(try await store.erasure(erasure.id, tenantID: tenant)?.endedAt != nil)
            let left = try await pool.query("SELECT count(*) FROM outbox WHERE lower(email) = \(Self.email)")
            #expect(try left.decode(Int.self) == [0])
            // What is left to send can be sent: nobody else was touched.
            let others = try await pool.query(
                "SELECT count(*) FROM outbox WHERE email LIKE 'r%@b.example' AND status IN (\(MessageStatus.queued.rank), \(MessageStatus.sent.rank))"
            )
            #expect(try others.decode(Int.self) == [60])
        }
    }
}
