import Directory
import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Lists of messages and recipients")
struct ListReaderTests {
    @Test("Messages come newest first, by pages in both directions, each with what became of it")
    func pages() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<5).map { try world.message(recipients: ["r\($0)@b.example", "c@b.example"]) }
            try await world.accept(messages + [try world.message(tenant: "standard")])
            let ids = messages.map(\.id)
            #expect(try await world.list(limit: 3) == Array(ids.reversed().prefix(3)))
            #expect(try await world.list(limit: 3, after: ids[2]) == [ids[1], ids[0]])
            #expect(try await world.list(limit: 2, before: ids[1]) == [ids[3], ids[2]])
            #expect(try await world.list(limit: 2, before: ids[4]).isEmpty)
            let page = try await world.messages()
            #expect(page.edge == nil)
            let first = try #require(page.items.last)
            #expect(first.to == ["r0@b.example", "c@b.example"] && first.recipients == 2)
            #expect(first.summary.name == "queued" && first.region == "AT" && first.subject == "Hello")
            #expect(first.from == "Shop <shop@apa.example>" && first.tags == #"{"k": "v"}"#)
        }
    }

    @Test("Another tenant's id leads nowhere but to a place in time")
    func foreign() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (mine, theirs) = (try world.message(), try world.message(tenant: "standard"))
            try await world.accept([mine, theirs])
            #expect(try await world.list(after: theirs.id) == [mine.id])
            #expect(try await world.list(before: theirs.id).isEmpty)
            let row = try #require(theirs.id.outbox(1))
            let reader = ListReader(pool: pool)
            let page = try await reader.recipients(
                tenantID: mine.tenantID,
                filter: RecipientFilter(),
                limit: 9,
                after: row,
                before: nil
            )
            #expect(page.items.map(\.id.message) == [mine.id])
            #expect(page.items.map(\.email) == ["a@b.example"])
        }
    }

    @Test("A status is that of all recipients, or mixed; what is under way is sending")
    func statuses() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<4).map { try world.message(recipients: ["r\($0)@b.example", "c@b.example"]) }
            try await world.accept(messages)
            let calls = try await world.claim(try world.lane("apa", "AT"), 5).sorted { $0.entry < $1.entry }
            #expect(calls.map(\.entry.message) == [0, 0, 1, 1, 2].map { messages[$0].id })
            // The claim stays open, as it does while others of it are under way.
            let sent = [
                Outcome(call: calls[0], result: .sent(sesMessageID: "a")),
                Outcome(call: calls[1], result: .sent(sesMessageID: "b")),
            ]
            _ = try await pool.query(SettleStatement.settle(sent, finished: []))
            let found = try await [
                MessageFilter.Status.all(.sent), .all(.sending), .mixed, .all(.queued), .all(.scheduled),
                .all(.bounced),
            ].asyncMap { status in
                try await world.list { $0.status = status }
            }
            #expect(found == [[messages[0].id], [messages[1].id], [messages[2].id], [messages[3].id], [], []])
            let mixed = try #require(try await world.messages { $0.status = .mixed }.items.first)
            #expect(mixed.summary.counts == [.queued: 1, .sending: 1])

            let sending = try await world.recipients { $0.status = .sending }
            #expect(sending.items.map(\.status) == [.sending, .sending, .sending])
            #expect(sending.items.map(\.id.message) == [2, 1, 1].map { messages[$0].id })
            #expect(try await world.recipients { $0.status = .queued }.items.count == 3)
            #expect(try await world.recipients { $0.status = .sent }.items.count == 2)

            // What was put back while its claim is open waits again.
            _ = try await pool.query(SettleStatement.settle([Outcome(call: calls[2], result: .returned)], finished: []))
            #expect(try await world.list { $0.status = .mixed } == [messages[2].id, messages[1].id])
            #expect(try await world.recipients { $0.status = .sending }.items.count == 2)
        }
    }

    @Test("A message that goes out in one call is sending as a whole")
    func wholeMessages() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "b@b.example"], split: false)
            _ = try await world.claimed([message])
            #expect(try await world.list { $0.status = .all(.sending) } == [message.id])
            #expect(
                try await world.recipients { $0.status = .sending }.items.map(\.email) == [
                    "b@b.example", "a@b.example",
                ]
            )
            #expect(try await world.recipients { $0.status = .queued }.items.isEmpty)
        }
    }

    @Test("Who failed is found with the reason in SES's words")
    func reasons() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let addresses = ["a@b.example", "b@c.example", "c@B.example", "d@b.example", "e@b.example"]
            let messages = try addresses.map { try world.message(recipients: [$0]) }
            let uk = try world.message(region: "UK", recipients: ["u@b.example"])
            let calls = try await world.claimed(messages + [uk])
            try await world.settle(
                calls.prefix(4).enumerated().map { index, call in
                    Outcome(call: call, result: .sent(sesMessageID: "ses-\(index)"))
                } + [Outcome(call: calls[4], result: .failed(detail: "MessageRejected: no"))]
            )
            _ = try await world.apply([
                try world.evidence(.bounced, calls[0].entry, "ses-0"),
                try world.evidence(.bounced, calls[1].entry, "ses-1"),
                try world.evidence(.deliveryDelayed, calls[2].entry, "ses-2", mark: "1"),
                try world.evidence(.deliveryDelayed, calls[2].entry, "ses-2", mark: "2"),
                try world.evidence(.bounced, calls[2].entry, "ses-2"),
                try world.evidence(.deliveryDelayed, calls[3].entry, "ses-3"),
                try world.evidence(.delivered, calls[3].entry, "ses-3"),
            ])
            let bounced = try await world.recipients { $0.status = .bounced }
            #expect(bounced.items.map(\.email) == ["c@B.example", "b@c.example", "a@b.example"])
            #expect(bounced.items.allSatisfy { $0.reason == "why email.bounced" && $0.lastEvent == .bounced })
            #expect(bounced.items.last?.details?.contains("ses-0") == true)
            #expect(bounced.items.map(\.sesMessageID) == ["ses-2", "ses-1", "ses-0"])
            #expect(try await world.list { $0.status = .all(.bounced) } == [2, 1, 0].map { messages[$0].id })
            let after1 = try await world.list(after: messages[1].id) { $0.status = .all(.bounced) }
            #expect(after1 == [messages[0].id])
            let before1 = try await world.list(before: messages[1].id) { $0.status = .all(.bounced) }
            #expect(before1 == [messages[2].id])
            #expect(try await world.recipients { $0.status = .failed }.items.map(\.reason) == ["MessageRejected: no"])
            #expect(try await world.recipients { $0.status = .delayed }.items.isEmpty, "all have gone on")
            #expect(try await world.recipients { $0.status = .delivered }.items.map(\.email) == ["d@b.example"])

            let atB = try await world.recipients { $0.domain = "b.example" }
            #expect(atB.items.count == 5 && !atB.items.contains { $0.email == "b@c.example" })
            let both = try await world.recipients {
                $0.domain = "b.example"
                $0.status = .bounced
            }
            #expect(both.items.count == 2)
            #expect(try await world.recipients { $0.region = "UK" }.items.map(\.email) == ["u@b.example"])
            let nobody = try await world.recipients {
                $0.region = "UK"
                $0.status = .bounced
            }
            #expect(nobody.items.isEmpty && nobody.edge == nil)
            let after = try await world.recipients(after: bounced.items[0].id) { $0.status = .bounced }
            #expect(after.items.map(\.id) == bounced.items.dropFirst().map(\.id))
            let before = try await world.recipients(limit: 1, before: bounced.items[2].id) { $0.status = .bounced }
            #expect(before.items.map(\.id) == [bounced.items[1].id])
        }
    }

    @Test("Every status that an event leads to is found by its index")
    func recordedStatuses() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let suppressed = try world.message(recipients: ["gone@b.example"])
            _ = try await pool.query(
                """
                INSERT INTO suppression (tenant_id, email, reason)
                SELECT \(suppressed.tenantID), 'gone@b.example', 'manual'
                """
            )
            let messages = try (0..<3).map { _ in try world.message() }
            let canceled = try world.message(scheduledAt: Date().addingTimeInterval(900))
            let calls = try await world.claimed(messages + [suppressed, canceled])
            _ = try await Cancellation(pool: pool).cancel(canceled.id, tenantID: canceled.tenantID)
            try await world.settle([
                Outcome(call: calls[0], result: .expired),
                Outcome(call: calls[1], result: .unknown(grace: .seconds(99), detail: "reset")),
                Outcome(call: calls[2], result: .sent(sesMessageID: "x")),
            ])
            _ = try await world.apply([
                try world.evidence(.rejected, calls[2].entry, "x"),
                try world.evidence(.complained, calls[2].entry, "x"),
            ])
            let expected: [(MessageStatus, NewMessage)] = [
                (.suppressed, suppressed), (.canceled, canceled), (.expired, messages[0]), (.unknown, messages[1]),
                (.complained, messages[2]),
            ]
            for (status, message) in expected {
                let found = try await world.recipients { $0.status = status }.items
                #expect(found.map(\.id.message) == [message.id], "\(status)")
                #expect(found.map(\.status) == [status])
                #expect(try await world.list { $0.status = .all(status) } == [message.id], "\(status)")
            }
            #expect(try await world.recipients { $0.status = .rejected }.items.isEmpty)
        }
    }

    @Test("Address, sender, region, tag and time narrow the messages, alone and together")
    func filters() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let old = try await world.old(3)
            var messages = try [
                world.message(recipients: ["Ann@B.example", "ann@b.example"]),
                world.message(region: "UK", recipients: ["bob@b.example"]),
                world.message(recipients: ["bob@b.example"]),
            ]
            messages[0].sender = "ops@apa.example"
            messages[1].tags = #"{"order": "47", "x": "1"}"#
            messages[2].tags = nil
            let theirs = try world.message(tenant: "standard", recipients: ["ann@b.example"])
            try await world.accept(messages + [theirs])
            func found(_ change: (inout MessageFilter) -> Void) async throws -> [Int] {
                try await world.list(change).map { id in ([old] + messages).firstIndex { $0.id == id } ?? -1 }
            }
            #expect(try await found { _ in } == [3, 2, 1, 0])
            #expect(try await found { $0.to = "ann@b.example" } == [1])
            #expect(try await found { $0.to = "bob@b.example" } == [3, 2])
            #expect(try await found { $0.to = "nobody@b.example" } == [])
            #expect(try await found { $0.from = .address("ops@apa.example") } == [1])
            #expect(try await found { $0.from = .address("shop@apa.example") } == [3, 2, 0])
            #expect(try await found { $0.from = .address("hop@apa.example") } == [])
            #expect(try await found { $0.from = .domain("apa.example") } == [3, 2, 1, 0])
            #expect(try await found { $0.from = .domain("a.example") } == [])
            #expect(try await found { $0.region = "UK" } == [2])
            #expect(try await found { $0.tag = .init(name: "order") } == [2])
            #expect(try await found { $0.tag = .init(name: "order", value: "47") } == [2])
            #expect(try await found { $0.tag = .init(name: "order", value: "4") } == [])
            #expect(try await found { $0.tag = .init(name: "k", value: "v") } == [1, 0])
            let yesterday = Date().addingTimeInterval(-86_400)
            #expect(try await found { $0.createdAfter = yesterday } == [3, 2, 1])
            #expect(try await found { $0.createdBefore = yesterday } == [0])
            #expect(
                try await found {
                    $0.createdAfter = yesterday
                    $0.to = "bob@b.example"
                    $0.tag = .init(name: "x")
                    $0.region = "UK"
                    $0.status = .all(.queued)
                    $0.from = .domain("apa.example")
                } == [2]
            )
            #expect(
                try await found {
                    $0.createdBefore = yesterday
                    $0.to = "bob@b.example"
                } == []
            )
        }
    }
}

extension Array {
    /// One after the other.
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}

extension World {
    func messages(
        limit: Int = 50,
        after: MessageID? = nil,
        before: MessageID? = nil,
        bound: Int = ListReader.bound,
        _ change: (inout MessageFilter) -> Void = { _ in }
    ) async throws -> ListPage<ListedMessage, MessageID> {
        var filter = MessageFilter()
        change(&filter)
        return try await ListReader(pool: pool, bound: bound).messages(
            tenantID: try tenant("apa"),
            filter: filter,
            limit: limit,
            after: after,
            before: before
        )
    }

    func list(
        limit: Int = 50,
        after: MessageID? = nil,
        before: MessageID? = nil,
        _ change: (inout MessageFilter) -> Void = { _ in }
    ) async throws -> [MessageID] {
        try await messages(limit: limit, after: after, before: before, change).items.map(\.id)
    }

    func recipients(
        limit: Int = 50,
        after: OutboxID? = nil,
        before: OutboxID? = nil,
        bound: Int = ListReader.bound,
        _ change: (inout RecipientFilter) -> Void = { _ in }
    ) async throws -> ListPage<ListedRecipient, OutboxID> {
        var filter = RecipientFilter()
        change(&filter)
        return try await ListReader(pool: pool, bound: bound).recipients(
            tenantID: try tenant("apa"),
            filter: filter,
            limit: limit,
            after: after,
            before: before
        )
    }

    func tenant(_ name: String) throws -> Int32 {
        guard let tenant = directory.tenant(named: name) else { throw NotFound() }
        return tenant.id
    }
}
