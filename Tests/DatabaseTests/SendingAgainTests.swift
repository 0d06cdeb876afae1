import Directory
import Mail
import Postgres
import Synchronization
import Testing

@testable import Outbox

/// Dead letters that are looked through and sent again.
@Suite("Sending again", .timeLimit(.minutes(5)))
struct SendingAgainTests {
    static func again(_ pool: PostgresPool, onQueued: @escaping @Sendable ([QueueSign]) -> Void = { _ in })
        -> SendingAgain
    {
        SendingAgain(
            pool: pool,
            note: { tenantID, count, actor in
                AuditLog.entry(
                    action: "send_again",
                    object: "mail",
                    tenantID: tenantID,
                    detail: "\(count)",
                    actor: actor
                )
            },
            onQueued: onQueued
        )
    }

    static func failed(_ world: World, _ recipients: [String] = ["a@b.example"]) async throws -> (
        NewMessage, [OutboxID]
    ) {
        let message = try world.message(recipients: recipients)
        try await world.accept([message])
        let calls = try await world.claim(message.laneID, recipients.count)
        try await world.settle(calls.map { Outcome(call: $0, result: .failed(detail: "MessageRejected: Not today")) })
        return (message, calls.flatMap { $0.rows.map(\.id) })
    }

    @Test("A dead letter is queued again with an event and an entry of the audit, is sent, and cannot be sent twice")
    func once() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, ids) = try await Self.failed(world)
            let signs = Mutex<[QueueSign]>([])
            let again = Self.again(pool) { new in signs.withLock { $0 += new } }
            let answer = try await again.send(ids, actor: "admin")
            #expect(answer.queued == ids && answer.refused.isEmpty)
            #expect(signs.withLock { $0.map(\.laneID) } == [message.laneID])
            #expect(try await world.statuses(message) == [.queued])
            let twice = try await again.send(ids, actor: "admin")
            #expect(twice.queued.isEmpty && twice.refused == [ids[0]: .notFailed])
            #expect(try await world.count("ready") == 1)
            let calls = try await world.claim(message.laneID, 1)
            #expect(calls.map { $0.rows.map(\.attempt) } == [[1]])
            try await world.settle(calls.map { Outcome(call: $0, result: .sent(sesMessageID: "s")) })
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.events(message) == [.queued, .failed, .queued, .sent])
            let audit = try await pool.query("SELECT actor, object FROM audit WHERE action = 'send_again'")
                .decode(String.self, String.self)
            #expect(audit.map(\.0) == ["admin"] && audit.map(\.1) == ["mail of tenant apa"])
        }
    }

    @Test("It fails again and is sent again as often as somebody asks")
    func severalTimes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, ids) = try await Self.failed(world)
            for _ in 0..<3 {
                let answer = try await Self.again(pool).send(ids, actor: "admin")
                #expect(answer.queued == ids)
                let calls = try await world.claim(message.laneID, 1)
                try await world.settle(calls.map { Outcome(call: $0, result: .failed(detail: "no")) })
            }
            let events = try await world.events(message)
            #expect(events.filter { $0 == .failed }.count == 4 && events.filter { $0 == .queued }.count == 4)
        }
    }

    @Test("Two who ask at once send once")
    func race() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, ids) = try await Self.failed(world, (0..<20).map { "r\($0)@b.example" })
            let again = Self.again(pool)
            let queued = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await again.send(ids, actor: "admin").queued.count } }
                return try await group.reduce(0, +)
            }
            #expect(queued == 20)
            #expect(try await world.count("ready") == 20)
        }
    }

    @Test("What must not be sent is refused with the reason, and nothing happens to it")
    func refusals() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, ids) = try await Self.failed(world, (0..<5).map { "r\($0)@b.example" })
            let waiting = try world.message(tenant: "standard")
            try await world.accept([waiting])
            let waitingID = try #require(waiting.id.outbox(1))
            let unknown = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(message.tenantID), 'r0@b.example', 'manual')"
            )
            _ = try await pool.query(
                "UPDATE outbox SET email = 'erased-0123456789abcdef@erased.invalid' WHERE id = \(ids[1].uuid)"
            )
            let again = Self.again(pool)
            let answer = try await again.send([ids[0], ids[1], waitingID, unknown], actor: "admin")
            #expect(answer.queued.isEmpty)
            #expect(
                answer.refused == [
                    ids[0]: .suppressed, ids[1]: .erased, waitingID: .notFailed, unknown: .unknownRecipient,
                ]
            )
            _ = try await pool.query("UPDATE message SET expires_at = now() WHERE id = \(message.id.uuid)")
            #expect(try await again.send([ids[2]], actor: "admin").refused == [ids[2]: .expired])
            _ = try await pool.query("UPDATE message SET expires_at = NULL WHERE id = \(message.id.uuid)")
            _ = try await pool.query("DELETE FROM body WHERE id = \(message.id.uuid)")
            #expect(try await again.send([ids[3]], actor: "admin").refused == [ids[3]: .bodyGone])
            #expect(try await world.count("ready") == 1)
            #expect(try await pool.query("SELECT FROM audit WHERE action = 'send_again'").count == 0)
        }
    }

    @Test("An unknown outcome is sent again when it is held, and not while it may become known")
    func unknownOutcomes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let calls = try await world.claim(message.laneID, 1)
            try await world.settle(
                calls.map { Outcome(call: $0, result: .unknown(grace: .seconds(600), detail: "reset")) }
            )
            let ids = calls.flatMap { $0.rows.map(\.id) }
            let again = Self.again(pool)
            #expect(try await again.send(ids, actor: "admin").refused == [ids[0]: .undecided])
            _ = try await pool.query("UPDATE deferred SET due_at = 'infinity'")
            var filter = TroubleFilter()
            filter.status = .unknown
            let held = try await TroubleReader(pool: pool).recipients(filter, limit: 10, after: nil, before: nil).items
            #expect(held.map(\.isHeld) == [true])
            #expect(try await again.send(ids, actor: "admin").queued == ids)
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("ready") == 1)
            #expect(try await world.statuses(message) == [.queued])
        }
    }

    @Test("Dead letters of all tenants, newest first; by tenant, domain, reason, and from place to place")
    func list() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (first, ids) = try await Self.failed(world, ["a@b.example", "c@d.example"])
            let other = try world.message(tenant: "standard", recipients: ["e@b.example"])
            try await world.accept([other])
            let calls = try await world.claim(other.laneID, 1)
            try await world.settle(calls.map { Outcome(call: $0, result: .failed(detail: "Oversized")) })
            let reader = TroubleReader(pool: pool)
            func found(_ change: (inout TroubleFilter) -> Void = { _ in }) async throws -> [String] {
                var filter = TroubleFilter()
                change(&filter)
                return try await reader.recipients(filter, limit: 10, after: nil, before: nil).items.map(\.email)
            }
            #expect(try await found() == ["e@b.example", "c@d.example", "a@b.example"])
            #expect(try await found { $0.tenantID = first.tenantID } == ["c@d.example", "a@b.example"])
            #expect(try await found { $0.domain = "b.example" } == ["e@b.example", "a@b.example"])
            #expect(try await found { $0.reason = "oversized" } == ["e@b.example"])
            #expect(try await found { $0.status = .bounced } == [])
            let older = try await reader.recipients(TroubleFilter(), limit: 1, after: ids[1], before: nil)
            #expect(older.items.map(\.id) == [ids[0]])
            let newer = try await reader.recipients(TroubleFilter(), limit: 1, after: nil, before: ids[0])
            #expect(newer.items.map(\.id) == [ids[1]])
        }
    }
}
