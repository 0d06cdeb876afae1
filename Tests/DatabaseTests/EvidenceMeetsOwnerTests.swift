import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Evidence beside what we do ourselves")
struct EvidenceMeetsOwnerTests {
    private func suppress(_ email: String, _ tenantID: Int32, _ pool: PostgresPool) async throws {
        _ = try await pool.query(
            "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenantID), \(email), 'complaint')"
        )
    }

    private func recover(_ world: World, _ pool: PostgresPool) async throws -> Int {
        try await pool.withTransaction { connection in
            try await ClaimRecovery.recover(node: world.node, epoch: world.epoch, grace: .zero, on: connection)
        }
    }

    @Test("Word of SES about a call says nothing of a recipient who was suppressed before it")
    func leftOut() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, first) = try await world.call(recipients: ["a@b.example", "gone@b.example"], split: false)
            // The first attempt is spent, and then one of the two complains elsewhere.
            try await world.settle([Outcome(call: first, result: .retry(delay: .zero, detail: "later"))])
            try await suppress("gone@b.example", message.tenantID, pool)
            _ = try await Promoter(pool: pool).promote()
            let calls = try await world.claim(message.laneID, 2)
            #expect(calls.map(\.isSuppressed) == [false, true])
            try await world.settle([
                Outcome(call: calls[0], result: .sent(sesMessageID: "s")), Outcome(call: calls[1], result: .suppressed),
            ])
            _ = try await world.apply([
                try world.evidence(.sent, first.entry, "s", attempt: 2),
                try world.evidence(.delivered, first.entry, "s", recipient: "a@b.example", attempt: 2),
            ])
            #expect(try await world.statuses(message) == [.delivered, .suppressed])
            #expect(try await world.count("event WHERE type = 'email.sent'") == 1)
        }
    }

    @Test("Recovery leaves alone what SES has spoken about", arguments: ["resend", "hold"])
    func spokenFor(policy: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = \(policy)")
            let (message, call) = try await world.call()
            _ = try await world.apply([try world.evidence(.delivered, call.entry, "s", recipient: "a@b.example")])
            #expect(try await recover(world, pool) == 1)
            #expect(try await world.statuses(message) == [.delivered])
            #expect(try await world.events(message) == [.queued, .delivered])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("A queue entry that evidence did not see is dropped when it is due", arguments: ["resend", "hold", "fail"])
    func unseen(policy: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = \(policy)")
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .unknown(grace: .zero, detail: "reset"))])
            // As it is left by evidence that waited for the lock of whoever wrote the entry.
            _ = try await pool.query("UPDATE outbox SET status = \(MessageStatus.delivered.rank)")
            #expect(try await Promoter(pool: pool).promote().queues.isEmpty)
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.statuses(message) == [.delivered])
            #expect(try await world.count("event WHERE type = 'email.failed'") == 0)
        }
    }

    @Test("What we thought is not told after what SES said")
    func overtaken() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (unknown, first) = try await world.call()
            _ = try await world.apply([try world.evidence(.delivered, first.entry, "s", recipient: "a@b.example")])
            try await world.settle([Outcome(call: first, result: .unknown(grace: .zero, detail: "reset"))])
            #expect(try await world.events(unknown) == [.queued, .delivered])
            let (failed, second) = try await world.call()
            _ = try await world.apply([try world.evidence(.bounced, second.entry, "t", recipient: "a@b.example")])
            try await world.settle([Outcome(call: second, result: .failed(detail: "no"))])
            #expect(try await world.events(failed) == [.queued, .bounced])
            #expect(try await world.view(failed).recipients.map(\.lastEvent) == [.bounced])
        }
    }

    @Test("A recipient who was suppressed under a claim that was given up is suppressed, not unknown for ever")
    func lateSuppressed() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "gone@b.example"], split: false)
            try await world.accept([message])
            try await suppress("gone@b.example", message.tenantID, pool)
            let calls = try await world.claim(message.laneID, 2)
            #expect(try await recover(world, pool) == 2)
            #expect(try await world.statuses(message) == [.unknown, .unknown])
            // The node was only cut off, and writes what it knows.
            try await world.settle([
                Outcome(call: calls[0], result: .sent(sesMessageID: "s")), Outcome(call: calls[1], result: .suppressed),
            ])
            #expect(try await world.statuses(message) == [.sent, .suppressed])
            _ = try await Promoter(pool: pool).promote()
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("ready") == 0)
        }
    }

    @Test("Of a call that was put back only those are sent to whom it was not sent")
    func sentInPart() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: ["a@b.example", "c@b.example"], split: false)
            try await world.settle([Outcome(call: call, result: .returned)])
            let id = try #require(call.rows.first?.id.uuid)
            _ = try await pool.query("UPDATE outbox SET status = \(MessageStatus.bounced.rank) WHERE id = \(id)")
            let calls = try await world.claim(message.laneID, 2)
            #expect(calls.map(\.isSuperseded) == [false, true])
            #expect(calls.map { $0.rows.map(\.email) } == [["c@b.example"], ["a@b.example"]])
        }
    }

    @Test("Nobody is too late for a recipient who was never to be sent to")
    func canceled() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "gone@b.example"])
            try await suppress("gone@b.example", message.tenantID, pool)
            try await world.accept([message])
            let answer = try await Cancellation(pool: pool).cancel(message.id, tenantID: message.tenantID)
            #expect(answer == Cancellation.Answer(canceled: 1, tooLate: 0))
        }
    }

    @Test("Two hundred pieces about calls of fifty recipients are no more than one statement can do")
    func wideCalls() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let recipients = (0..<50).map { "r\($0)@b.example" }
            let messages = try (0..<60).map { _ in try world.message(recipients: recipients, split: false) }
            let calls = try await world.claimed(messages)
            #expect(calls.count == 60)
            let pieces = try (0..<200).map { index in
                let call = calls[index % 60]
                return try world.evidence(
                    .delivered,
                    call.entry,
                    "s\(index % 60)",
                    recipient: "r\(index / 60)@b.example"
                )
            }
            let clock = ContinuousClock()
            var results: [EvidenceResult] = []
            let took = try await clock.measure { results = try await world.apply(pieces) }
            #expect(results.allSatisfy { $0 == .applied })
            // One event proves the call for all fifty.
            #expect(try await world.count("outbox WHERE status = \(MessageStatus.delivered.rank)") == 200)
            #expect(try await world.count("outbox WHERE status = \(MessageStatus.sent.rank)") == 2800)
            // About 0.3 s; it was 8 s when every row was compared with every other.
            #expect(took < .seconds(5))
        }
    }
}
