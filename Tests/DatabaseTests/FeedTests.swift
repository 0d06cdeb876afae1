import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("The event feed")
struct FeedTests {
    private func sequence(_ pool: PostgresPool) async throws {
        var turn = SequencerTurn()
        while try await turn.take(from: pool) > 0 {}
    }

    private func feed(_ pool: PostgresPool, _ tenantID: Int32) async throws -> [FeedEntry] {
        let reader = FeedReader(pool: pool)
        var entries: [FeedEntry] = []
        while true {
            let after = try await reader.position(tenantID: tenantID, after: entries.last?.seq ?? 0)
            let page = try await reader.page(tenantID: tenantID, after: after, limit: 7).entries
            if page.isEmpty { return entries }
            entries += page
        }
    }

    @Test("A message's story stands in it in order, with ids that its own events have")
    func story() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example"])
            try await world.accept([message])
            let calls = try await world.claim(message.laneID, 1)
            try await world.settle([Outcome(call: calls[0], result: .sent(sesMessageID: "ses-1"))])
            try await sequence(pool)
            let entries = try await feed(pool, message.tenantID)
            #expect(entries.map(\.seq) == [1, 2])
            #expect(entries.map(\.type) == ["email.queued", "email.sent"])
            let own = try await MessageReader(pool: pool).events(message.id, tenantID: message.tenantID)
            #expect(own?.events.map(\.id) == entries.map(\.id))
            let body = try JSONSerialization.jsonObject(with: Data(entries[1].body)) as? [String: Any]
            let data = try #require(body?["data"] as? [String: Any])
            #expect(body?["type"] as? String == "email.sent")
            #expect(data["message_id"] as? String == message.id.description)
            #expect(data["recipient"] as? String == "a@b.example")
            #expect(data["status"] as? String == "sent")
            #expect(data["ses_message_id"] as? String == "ses-1")
            #expect(data["tags"] as? [String: String] == ["k": "v"])
            #expect(data["metadata"] as? [String: String] == [:])
            #expect(entries[1].subject?.region == "AT")
            // The same text however it is read.
            let again = try await FeedReader(pool: pool).entries(entries.map { (message.tenantID, $0.event) })
            #expect(again[entries[1].event]?.body == entries[1].body)
            #expect(try await world.count("event_batch") == 0)
        }
    }

    @Test("Many writers and two sequencers: each tenant's numbers are dense, nothing is missing or twice")
    func dense() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<600).map { index in
                try world.message(
                    tenant: index % 3 == 0 ? "standard" : "apa",
                    recipients: index % 5 == 0 ? ["a@b.example", "c@d.example"] : ["a@b.example"]
                )
            }
            try await withThrowingTaskGroup { group in
                for part in 0..<6 {
                    group.addTask { try await world.accept(Array(messages[(part * 100)..<(part * 100 + 100)])) }
                }
                let done = AsyncStream<Void>.makeStream()
                let sequencers = 2
                for _ in 0..<sequencers {
                    group.addTask {
                        var turn = SequencerTurn()
                        var idle = 0
                        while idle < 200 {
                            idle = try await turn.take(from: pool) == 0 ? idle + 1 : 0
                            try await Task.sleep(for: .milliseconds(1))
                        }
                        done.continuation.yield()
                    }
                }
                try await group.waitForAll()
            }
            try await sequence(pool)
            for tenant in Set(messages.map(\.tenantID)) {
                let rows = messages.filter { $0.tenantID == tenant }.flatMap { message in
                    message.recipients.indices.compactMap { message.id.outbox($0 + 1)?.description }
                }
                let entries = try await feed(pool, tenant)
                #expect(entries.map(\.seq) == Array(1...Int64(rows.count)))
                #expect(Set(entries.map(\.id)) == Set(rows))
            }
        }
    }

    @Test("A batch with a lower number that is committed later still gets its places")
    func lateCommit() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var turn = SequencerTurn()
            let (first, second) = (try world.message(), try world.message())
            let batch: (NewMessage) -> SQL = { message in
                """
                INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
                VALUES (\([message.tenantID]), \([message.id.outbox(1)!.uuid]), \(["email.queued"]))
                """
            }
            let insert = batch(first)
            try await pool.withTransaction { connection in
                _ = try await connection.query(insert)
                try await world.accept([second])
                let taken = try await turn.take(from: pool)
                #expect(taken == 1)
            }
            let late = try await turn.take(from: pool)
            #expect(late == 1)
        }
    }

    @Test("A tenant's feed and positions say nothing of another's")
    func tenants() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let apa = try world.message()
            let other = try world.message(tenant: "standard")
            try await world.accept([apa, other])
            try await sequence(pool)
            let reader = FeedReader(pool: pool)
            #expect(try await feed(pool, apa.tenantID).map(\.id) == [apa.id.outbox(1)?.description])
            #expect(
                try await reader.heads(of: [apa.tenantID, other.tenantID]).mapValues(\.seq).values.sorted() == [1, 1]
            )
            let foreign = try await feed(pool, other.tenantID).map(\.event)
            #expect(try await reader.entries(foreign.map { (apa.tenantID, $0) }).isEmpty)
        }
    }

    @Test("What retention has dropped is passed over, and what comes meanwhile is not")
    func dropped() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<9).map { _ in try world.message() }
            for message in messages { try await world.accept([message]) }
            try await sequence(pool)
            let (gone, tenant) = (messages[..<6], messages[0].tenantID)
            for table in ["message", "outbox"] {
                _ = try await pool.query(
                    "DELETE FROM \(identifier: table) WHERE message_of(id) = ANY (\(gone.map(\.id.uuid)))"
                )
            }
            let reader = FeedReader(pool: pool)
            var page = try await reader.page(
                tenantID: tenant,
                after: FeedPosition(seq: 0, at: Date(timeIntervalSince1970: 0)),
                limit: 4
            )
            #expect(page.entries.isEmpty && page.end.seq == 4 && page.hasMore)
            page = try await reader.page(tenantID: tenant, after: page.end, limit: 4)
            #expect(page.entries.map(\.seq) == [7, 8] && page.end.seq == 8 && page.hasMore)
            page = try await reader.page(tenantID: tenant, after: page.end, limit: 4)
            #expect(page.entries.map(\.seq) == [9] && page.end.seq == 9 && !page.hasMore)
            let last = try await reader.page(tenantID: tenant, after: page.end, limit: 4)
            #expect(last.entries.isEmpty && last.end == page.end && !last.hasMore)
        }
    }

    @Test("A time finds its place")
    func positions() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var times: [Date] = []
            for _ in 0..<3 {
                try await world.accept([try world.message()])
                try await sequence(pool)
                times.append(try #require(try await feed(pool, try world.message().tenantID).last?.sequencedAt))
                try await Task.sleep(for: .milliseconds(5))
            }
            let tenant = try world.message().tenantID
            let reader = FeedReader(pool: pool)
            #expect(try await reader.position(tenantID: tenant, before: .distantPast).seq == 0)
            #expect(try await reader.position(tenantID: tenant, before: times[1]).seq == 1)
            #expect(try await reader.position(tenantID: tenant, before: times[2].addingTimeInterval(3600)).seq == 3)
        }
    }

    @Test("The database knows every status by its rank")
    func statusNames() async throws {
        try await withDatabase { pool in
            for status in MessageStatus.allCases {
                let name = try await pool.query("SELECT status_name(\(status.rank))").decode(String?.self).first
                #expect(name == .some(status.rawValue))
            }
        }
    }
}
