import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("Unknown outcomes, on a real database")
struct RecoveryTests {
    static func recover(_ world: World, grace: Duration = .zero) async throws -> Int {
        try await world.pool.withTransaction { connection in
            try await ClaimRecovery.recover(node: world.node, epoch: world.epoch, grace: grace, on: connection)
        }
    }

    /// A message of a tenant that holds unknown outcomes, with one.
    private static func held(in world: World) async throws -> NewMessage {
        _ = try await world.pool.query("UPDATE tenant SET unknown_policy = 'hold'")
        let message = try world.message()
        try await world.accept([message])
        _ = try await world.claim(message.laneID, 1)
        #expect(try await recover(world) == 1)
        return message
    }

    @Test("What a dead node had claimed becomes unknown, except what it had settled")
    func recovery() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<3).map { _ in try world.message() }
            try await world.accept(messages)
            let calls = try await world.claim(try world.lane("apa", "AT"), 3)
            let settler = Settler(pool: pool, logger: .init(label: "test"))
            settler.open(claim: calls[0].claimID, entries: 3)
            try await withThrowingTaskGroup { group in
                group.addTask { try await settler.run() }
                settler.settle(Outcome(call: calls[0], result: .sent(sesMessageID: "s")))
                while settler.pending > 0 { try await Task.sleep(for: .milliseconds(2)) }
                group.cancelAll()
            }
            #expect(try await Self.recover(world, grace: .seconds(60)) == 2)
            #expect(try await world.statuses(messages[0]) == [.sent])
            #expect(try await world.statuses(messages[1]) == [.unknown])
            #expect(try await world.view(messages[1]).recipients.map(\.attempts) == [1])
            #expect(try await world.events(messages[1]) == [.queued, .unknown])
            #expect(try await world.count("claim") == 0)
            #expect(try await world.count("deferred") == 2)
            #expect(
                try await Cancellation(pool: pool).cancel(messages[1].id, tenantID: messages[1].tenantID)
                    == Cancellation.Answer(canceled: 0, tooLate: 1)
            )
        }
    }

    @Test("After the grace the tenant's policy decides", arguments: ["resend", "hold", "fail"])
    func policy(_ policy: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = \(policy)")
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            _ = try await world.claim(lane, 1)
            #expect(try await Self.recover(world) == 1)
            for _ in 0..<2 { _ = try await Promoter(pool: pool).promote() }
            switch policy {
            case "resend":
                #expect(try await world.statuses(message) == [.queued])
                #expect(try await world.claim(lane, 1).first?.rows.map(\.attempt) == [1])
            case "hold":
                #expect(try await world.statuses(message) == [.unknown])
                #expect(try await world.count("deferred") == 1)
            default:
                #expect(try await world.statuses(message) == [.failed])
                #expect(try await world.count("deferred") == 0)
                #expect(try await world.events(message) == [.queued, .unknown, .failed])
            }
        }
    }

    @Test("What was held is decided when the tenant holds nothing any more", arguments: ["resend", "fail"])
    func release(_ policy: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try await Self.held(in: world)
            let promoter = Promoter(pool: pool)
            _ = try await promoter.promote()
            #expect(try await HeldRelease(pool: pool).release() == false)
            _ = try await promoter.promote()
            #expect(try await world.statuses(message) == [.unknown])

            _ = try await pool.query("UPDATE tenant SET unknown_policy = \(policy)")
            #expect(try await HeldRelease(pool: pool).release() == false)
            let pass = try await promoter.promote()
            #expect(pass.queues.map(\.laneID) == (policy == "resend" ? [message.laneID] : []))
            #expect(try await world.statuses(message) == [policy == "resend" ? .queued : .failed])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("Many held entries are released in bounded batches")
    func releaseMany() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let lane = try world.lane("apa", "AT")
            _ = try await pool.query(
                """
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                SELECT \(lane), 'infinity', new_id(), 1, 1, 2 FROM generate_series(1, \(HeldRelease.perLane + 1))
                """
            )
            let release = HeldRelease(pool: pool)
            #expect(try await release.release())
            #expect(try await world.count("deferred WHERE due_at <= now()") == HeldRelease.perLane)
            #expect(try await release.release() == false)
            #expect(try await world.count("deferred WHERE due_at <= now()") == HeldRelease.perLane + 1)
        }
    }

    @Test("What is held can be canceled")
    func cancelHeld() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try await Self.held(in: world)
            _ = try await Promoter(pool: pool).promote()
            let answer = try await Cancellation(pool: pool).cancel(message.id, tenantID: message.tenantID)
            #expect(answer == Cancellation.Answer(canceled: 1, tooLate: 0))
            #expect(try await world.statuses(message) == [.canceled])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("What a clock that ran ahead deferred for too long is brought back; what is scheduled or held stays")
    func late() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let lane = try world.lane("apa", "AT")
            _ = try await pool.query(
                """
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                SELECT \(lane), now() + due::interval, new_id(), 1, 1, reason
                FROM (VALUES ('3 hours', 0), ('3 hours', 1), ('1 hour', 1), ('1 hour', 2), ('11 minutes', 2)) AS d (due, reason)
                UNION ALL SELECT \(lane), 'infinity', new_id(), 1, 1, 2
                """
            )
            let sweep = LateSweep(pool: pool, longestPause: .seconds(4320), unknownGrace: .seconds(120))
            #expect(try await sweep.sweep() == 2)
            #expect(try await sweep.sweep() == 0)
            #expect(try await world.count("deferred WHERE reason = 1 AND due_at <= now()") == 1)
            #expect(try await world.count("deferred WHERE reason = 2 AND due_at < now() + interval '3 minutes'") == 1)
            #expect(try await world.count("deferred WHERE due_at = 'infinity'") == 1)
        }
    }

    @Test("An outcome that comes after the recovery still counts, and stops the resend", arguments: [false, true])
    func lateEvidence(isPromoted: Bool) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            let call = try #require(try await world.claim(lane, 1).first)
            #expect(try await Self.recover(world) == 1)
            if isPromoted { _ = try await Promoter(pool: pool).promote() }
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "late"))])
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.view(message).recipients.map(\.sesMessageID) == ["late"])
            #expect(try await world.count("ready") == 0)
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("Evidence after the resend was claimed is kept, and the resend's outcome is the row's")
    func evidenceDuringResend() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            let first = try #require(try await world.claim(lane, 1).first)
            #expect(try await Self.recover(world) == 1)
            _ = try await Promoter(pool: pool).promote()
            let second = try #require(try await world.claim(lane, 1).first)
            try await world.settle([Outcome(call: second, result: .sent(sesMessageID: "second"))])
            try await world.settle([Outcome(call: first, result: .sent(sesMessageID: "first"))])
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.count("ses_id") == 2)
            #expect(try await world.events(message).filter { $0 == .sent }.count == 2)
        }
    }

    @Test("Learning late that nothing was sent puts the row back at once")
    func lateReturn() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            let call = try #require(try await world.claim(lane, 1).first)
            #expect(try await Self.recover(world, grace: .seconds(60)) == 1)
            try await world.settle([Outcome(call: call, result: .returned)])
            #expect(try await world.statuses(message) == [.queued])
            #expect(try await world.count("ready") == 1)
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("Late evidence about a call for all recipients reaches every one of them")
    func lateEvidenceTogether() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["1@b.example", "2@b.example", "3@b.example"], split: false)
            try await world.accept([message])
            let call = try #require(try await world.claim(try world.lane("apa", "AT"), 3).first)
            #expect(try await Self.recover(world, grace: .seconds(60)) == 3)
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "late"))])
            #expect(try await world.statuses(message) == [.sent, .sent, .sent])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("Evidence overrides what was guessed", arguments: ["fail", "cancel"])
    func evidenceOverGuess(_ guess: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            if guess == "fail" { _ = try await pool.query("UPDATE tenant SET unknown_policy = 'fail'") }
            let message = try world.message()
            try await world.accept([message])
            let call = try #require(try await world.claim(try world.lane("apa", "AT"), 1).first)
            #expect(try await Self.recover(world) == 1)
            _ = try await Promoter(pool: pool).promote()
            if guess == "cancel" {
                _ = try await Cancellation(pool: pool).cancel(message.id, tenantID: message.tenantID)
            }
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "late"))])
            #expect(try await world.statuses(message) == [.sent])
        }
    }

    @Test("A resend whose message turned out to be sent is claimed, seen, and not sent")
    func supersededResend() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            _ = try await world.claim(lane, 1)
            #expect(try await Self.recover(world) == 1)
            // What a promotion that ran beside the evidence leaves behind.
            _ = try await Promoter(pool: pool).promote()
            _ = try await pool.query("UPDATE outbox SET status = \(MessageStatus.delivered.rank)")
            let resend = try #require(try await world.claim(lane, 1).first)
            #expect(resend.isSuperseded)
            try await world.settle([Outcome(call: resend, result: .superseded)])
            #expect(try await world.statuses(message) == [.delivered])
            #expect(try await world.count("claim") == 0)
            #expect(try await world.count("ready") == 0)
        }
    }

    @Test("Claims of lives that are gone are found, those of the living are not touched")
    func abandonedClaims() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = [try world.message(), try world.message()]
            try await world.accept(messages)
            let lane = try world.lane("apa", "AT")
            _ = try await world.claim(lane, 1)
            #expect(try await ClaimRecovery.recoverAbandoned(grace: .seconds(60), in: pool) == 0)
            _ = try await pool.query("UPDATE lease SET state = 'retired'")
            #expect(try await ClaimRecovery.recoverAbandoned(grace: .seconds(60), in: pool) == 1)
            #expect(try await world.statuses(messages[0]) == [.unknown])
            #expect(try await world.statuses(messages[1]) == [.queued])
        }
    }

    @Test("An outcome whose data the server refuses does not hold up the others")
    func poisonOutcome() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<5).map { _ in try world.message() }
            try await world.accept(messages)
            let calls = try await world.claim(try world.lane("apa", "AT"), 5)
            let settler = try await world.settle(
                calls.enumerated().map { index, call in
                    Outcome(call: call, result: .sent(sesMessageID: index == 2 ? "nul\u{0}byte" : "ses-\(index)"))
                }
            )
            for (index, message) in messages.enumerated() where index != 2 {
                #expect(try await world.statuses(message) == [.sent])
            }
            // Its claim stays open, for the recovery to find it, and is not taken for a forgotten one.
            #expect(settler.openClaims == [calls[2].claimID])
            #expect(try await world.count("claim") == 1)
            #expect(try await Self.recover(world, grace: .seconds(60)) == 1)
            #expect(try await world.statuses(messages[2]) == [.unknown])
        }
    }
}
