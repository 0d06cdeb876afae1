import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Synchronization
import Testing

/// One message to very many, in the database.
@Suite("Broadcasts") struct BroadcastTests {
    private struct Broken: Error {}

    private final class Signs: Sendable {
        let all = Mutex<[QueueSign]>([])
    }

    private func content(isEach: Bool = false) throws -> StoredContent {
        let frame = TemplatedContent.Frame(
            from: "Shop <shop@apa.example>",
            replyTo: [],
            headers: [],
            source: .fixed(TemplateSource(subject: "S", text: "T", html: nil))
        )
        return try StoredContent(
            TemplatedContent(frame: frame, data: .object([:]), isEach: isEach),
            filledSize: 2
        )
    }

    private func accept(
        _ count: Int,
        in world: World,
        scheduledAt: Date? = nil,
        expiresAt: Date? = nil,
        signs: Signs? = nil,
        failsAfter: Int = .max,
        stream: MessageStream = .transactional
    ) async throws -> (message: NewMessage, status: MessageStatus) {
        var message = try world.message(recipients: [], scheduledAt: scheduledAt, expiresAt: expiresAt)
        message.content = try content(isEach: true)
        message.stream = stream
        message.laneID = try world.lane("apa", "AT", stream.rawValue)
        var next = 0
        let writer = BroadcastWriter(pool: world.pool, logger: Logger(label: "test")) { new in
            signs?.all.withLock { $0 += new }
        }
        let status = try await writer.accept(message, count: count) {
            if next >= failsAfter { throw Broken() }
            let part = (next..<min(count, next + 700)).map { number in
                BroadcastRecipient(
                    email: "r\(number + 1)@x.example",
                    data: number % 2 == 0 ? Array(#"{"n":\#(number + 1)}"#.utf8) : nil
                )
            }
            next += part.count
            return part
        }
        return (message, status)
    }

    @Test("Fifty thousand go in at once, are read in pages, and are taken back in parts", .timeLimit(.minutes(10)))
    func fiftyThousand() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(apa), 'r7@x.example', 'manual')"
            )
            let signs = Signs()
            let start = ContinuousClock.now
            let (message, status) = try await accept(50_000, in: world, signs: signs)
            print("50,000 recipients stored in \(ContinuousClock.now - start)")
            #expect(status == .queued)
            #expect(signs.all.withLock { $0.map(\.rows) } == [.more(49_999)])
            #expect(try await world.count("ready") == 49_999)
            #expect(try await world.count("recipient_data") == 24_999, "whoever is suppressed needs none")

            let view = try await world.view(message)
            #expect(view.recipients.count == 100)
            #expect(view.recipients[6].status == .suppressed)
            #expect(view.crowd?.recipients == 50_000)
            #expect(view.summary.counts == [.queued: 49_999, .suppressed: 1])
            let reader = MessageReader(pool: pool)
            let next = try #require(view.crowd?.next)
            let second = try #require(try await reader.message(message.id, tenantID: apa, after: next))
            #expect(second.recipients.first?.email == "r101@x.example")
            let last = try #require(
                try await reader.message(message.id, tenantID: apa, after: message.id.outbox(49_950))
            )
            #expect(last.recipients.count == 50 && last.crowd?.next == nil)
            let events = try #require(try await reader.events(message.id, tenantID: apa))
            #expect(events.events.count == 100 && events.events.filter { $0.type == .suppressed }.count == 1)
            #expect(events.next == next)

            let claimer = try world.claimer()
            let calls = try await world.claim(message.laneID, 3)
            #expect(calls.map { $0.rows.map(\.email) } == [["r1@x.example"], ["r2@x.example"], ["r3@x.example"]])
            let own = try await claimer.data(of: calls.flatMap { $0.rows.map(\.id) })
            #expect(own.values[calls[0].rows[0].id] == .object(["n": .integer(1)]))
            #expect(own.values.count == 2 && own.damaged.isEmpty)
            #expect(try await world.view(message).summary.counts == [.queued: 49_996, .sending: 3, .suppressed: 1])

            let canceled = try #require(try await Cancellation(pool: pool).cancel(message.id, tenantID: apa))
            #expect(canceled == Cancellation.Answer(canceled: 49_996, tooLate: 3))
            #expect(try await world.count("ready") == 0)
            try await world.settle(calls.map { Outcome(call: $0, result: .sent(sesMessageID: "ses-\($0.entry.text)")) })
            #expect(try await world.view(message).summary.counts == [.canceled: 49_996, .sent: 3, .suppressed: 1])
        }
    }

    @Test("Whoever has unsubscribed gets bulk broadcasts no more, and other ones still")
    func unsubscribed() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let apa = try #require(world.directory.tenant(named: "apa")?.id)
            let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            _ = try await UnsubscribeStore(pool: pool).unsubscribe("r2@x.example", from: copy, tenantID: apa)
            let bulk = try await accept(3, in: world, stream: .bulk).message
            #expect(try await world.statuses(bulk) == [.queued, .suppressed, .queued])
            let other = try await accept(3, in: world).message
            #expect(try await world.statuses(other) == [.queued, .queued, .queued])
        }
    }

    @Test("A broadcast that fails on its way is not in")
    func whollyOut() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            await #expect(throws: Broken.self) { try await accept(5000, in: world, failsAfter: 2100) }
            for table in ["message", "body", "outbox", "ready", "recipient_data", "event_batch"] {
                #expect(try await world.count(table) == 0, "\(table)")
            }
        }
    }

    @Test("Its caller goes away: wholly out")
    func cancelled() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            await withTaskGroup { group in
                group.addTask { _ = try? await accept(50_000, in: world) }
                try? await Task.sleep(for: .milliseconds(50))
                group.cancelAll()
            }
            let rows = try await world.count("outbox")
            #expect(rows == 0 || rows == 50_000)
            #expect(try await world.count("message") == (rows == 0 ? 0 : 1))
        }
    }

    @Test("A scheduled one waits, and an expired one ends in parts")
    func later() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (later, status) = try await accept(1500, in: world, scheduledAt: Date(timeIntervalSinceNow: 3600))
            #expect(status == .scheduled)
            #expect(try await world.count("deferred") == 1500)
            #expect(try await world.view(later).summary.counts == [.scheduled: 1500])
            let (short, _) = try await accept(2500, in: world, expiresAt: Date(timeIntervalSinceNow: -1))
            let sweep = ExpirySweep(pool: pool)
            #expect(try await sweep.sweep() == 1)
            #expect(try await world.view(short).summary.counts == [.expired: 1000, .queued: 1500])
            #expect(try await sweep.sweep() == 1)
            #expect(try await sweep.sweep() == 1)
            #expect(try await sweep.sweep() == 0)
            #expect(try await world.view(short).summary.counts == [.expired: 2500])
            #expect(try await world.count("ready") == 0)
        }
    }
}
