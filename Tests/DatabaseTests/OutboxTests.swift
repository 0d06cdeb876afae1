import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("The outbox, on a real database")
struct OutboxTests {
    @Test("A message goes in, is claimed once, and its outcome is seen")
    func roundTrip() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            #expect(try await world.statuses(message) == [.queued])
            let lane = try world.lane("apa", "AT")
            let call = try #require(try await world.claim(lane, 10).first)
            #expect(try await world.statuses(message) == [.sending])
            #expect(call.rows.map(\.email) == ["a@b.example"])
            #expect(call.sender == "Shop <shop@apa.example>")
            #expect(try await world.claim(lane, 10).isEmpty, "claimed once")
            let contents = try await world.claimer().contents(of: [message.id])
            #expect(contents.known[message.id]?.bytes == Array("MIME".utf8))
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "ses-1"))])
            let view = try await world.view(message)
            #expect(view.recipients.map(\.status) == [.sent])
            #expect(view.recipients.map(\.sesMessageID) == ["ses-1"])
            #expect(view.recipients.map(\.attempts) == [1])
            #expect(view.tags == #"{"k": "v"}"#)
            #expect(try await world.events(message) == [.queued, .sent])
            #expect(try await world.count("claim") == 0)
            #expect(try await world.count("ready") == 0)
        }
    }

    @Test("A hundred concurrent messages share commits and all arrive, each once")
    func manyAccepted() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<100).map { _ in try world.message(recipients: ["a@b.example", "c@d.example"]) }
            try await world.accept(messages)
            #expect(try await world.count("message") == 100)
            #expect(try await world.count("ready") == 200)
            var seen: Set<OutboxID> = []
            let lane = try world.lane("apa", "AT")
            while true {
                let calls = try await world.claim(lane, 33)
                if calls.isEmpty { break }
                #expect(calls.count <= 33)
                for row in calls.flatMap(\.rows) { #expect(seen.insert(row.id).inserted, "claimed twice") }
            }
            #expect(seen.count == 200)
        }
    }

    @Test("A message that the database refuses does not fail its neighbours")
    func poison() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let good = try (0..<20).map { _ in try world.message() }
            var bad = try world.message()
            bad.tags = "not json"
            let writer = AcceptWriter(pool: pool, logger: quiet)
            try await withThrowingTaskGroup { group in
                group.addTask { try await writer.run() }
                try await withThrowingTaskGroup { accepts in
                    for message in good { accepts.addTask { _ = try await writer.accept(message) } }
                    let poisoned = bad
                    accepts.addTask {
                        let error = await #expect(throws: AcceptError.self) { _ = try await writer.accept(poisoned) }
                        #expect(error?.code == .refused)
                    }
                    try await accepts.waitForAll()
                }
                group.cancelAll()
            }
            #expect(try await world.count("message") == 20)
        }
    }

    @Test("A full buffer refuses, and what it holds is still written")
    func fullBuffer() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var limits = AcceptWriter.Limits()
            limits.waiting = 5
            limits.tenantPart = 1
            let writer = AcceptWriter(pool: pool, limits: limits, logger: quiet)
            let messages = try (0..<8).map { _ in try world.message() }
            let refused = try await withThrowingTaskGroup(of: Bool.self, returning: Int.self) { group in
                for message in messages {
                    group.addTask {
                        do throws(AcceptError) {
                            try await writer.accept(message)
                            return false
                        } catch {
                            #expect(error.code == .full)
                            return true
                        }
                    }
                }
                // Nothing flushes before three have been refused.
                var refused = 0
                while refused < 3, try await group.next() == true { refused += 1 }
                group.addTask {
                    try await writer.run()
                    return false
                }
                for _ in 0..<5 { _ = try await group.next() }
                group.cancelAll()
                return refused
            }
            #expect(refused == 3)
            #expect(try await world.count("message") == 5)
        }
    }

    @Test("A call for all recipients is one entry, needs all its credits, and shares one fate")
    func together() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let wide = try world.message(recipients: (0..<5).map { "r\($0)@b.example" }, split: false)
            try await world.accept([wide])
            let lane = try world.lane("apa", "AT")
            let claimer = try world.claimer()
            let short = try await claimer.claim([ClaimWant(laneID: lane, priority: .normal, recipients: 4)])
            #expect(short.id == nil)
            #expect(short.answers.first?.blockedBy == 5)
            #expect(short.answers.first?.entries.isEmpty == true)
            let call = try #require(try await world.claim(lane, 5).first)
            #expect(call.entry == .message(wide.id))
            #expect(call.rows.count == 5)
            try await world.settle([Outcome(call: call, result: .returned)])
            #expect(try await world.statuses(wide) == Array(repeating: .queued, count: 5))
            let again = try #require(try await world.claim(lane, 5).first)
            try await world.settle([Outcome(call: again, result: .sent(sesMessageID: "one"))])
            #expect(try await world.view(wide).recipients.allSatisfy { $0.sesMessageID == "one" && $0.attempts == 1 })
        }
    }

    @Test("Claims take the head of each queue in order, and skip what does not fit behind a wide row")
    func claimOrder() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let first = try world.message(recipients: ["1@b.example"])
            let wide = try world.message(recipients: ["2@b.example", "3@b.example"], split: false)
            let last = try world.message(recipients: ["4@b.example"])
            try await world.accept([first, wide, last])
            let claimed = try await world.claimer()
                .claim([ClaimWant(laneID: try world.lane("apa", "AT"), priority: .normal, recipients: 2)])
            #expect(claimed.answers.first?.entries.map(\.id.message) == [first.id])
            #expect(claimed.answers.first?.blockedBy == 2)
        }
    }

    @Test("A life that has been retired claims nothing")
    func retiredLife() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([try world.message()])
            _ = try await pool.query("UPDATE lease SET state = 'retired'")
            #expect(try await world.claim(try world.lane("apa", "AT"), 10).isEmpty)
            #expect(try await world.count("ready") == 1)
        }
    }

    @Test("Writing an outcome twice changes nothing the second time")
    func settleTwice() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let lane = try world.lane("apa", "AT")
            let call = try #require(try await world.claim(lane, 1).first)
            for _ in 0..<3 { try await world.settle([Outcome(call: call, result: .returned)]) }
            #expect(try await world.count("ready") == 1)
            #expect(try await world.view(message).recipients.map(\.attempts) == [0])
            let next = try #require(try await world.claim(lane, 1).first)
            for _ in 0..<3 { try await world.settle([Outcome(call: next, result: .sent(sesMessageID: "x"))]) }
            // The first claim's outcome once more, long after: it moves nothing.
            try await world.settle([Outcome(call: call, result: .returned)])
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.events(message) == [.queued, .sent])
            #expect(try await world.count("ready") == 0)
        }
    }

    @Test("A temporary refusal waits in deferred and comes back; a permanent one ends")
    func retryAndFailure() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = [try world.message(), try world.message()]
            try await world.accept(messages)
            let lane = try world.lane("apa", "AT")
            let calls = try await world.claim(lane, 2)
            try await world.settle([
                Outcome(call: calls[0], result: .retry(delay: .zero, detail: "later")),
                Outcome(call: calls[1], result: .failed(detail: "never")),
            ])
            #expect(try await world.view(messages[0]).waiting?.blocker == .retry)
            #expect(try await world.statuses(messages[1]) == [.failed])
            #expect(try await world.view(messages[1]).recipients.first?.detail == "never")
            let pass = try await Promoter(pool: pool).promote()
            let id = messages[0].id
            let first = PostgresUUID(high: id.high, low: id.low + 1)
            #expect(pass.queues == [QueueSign(laneID: lane, priority: .normal, rows: .more(1), first: first)])
            let again = try #require(try await world.claim(lane, 2).first)
            #expect(again.rows.map(\.attempt) == [1])
        }
    }

    @Test("A scheduled message waits for its time and is promoted then, at most a bounded number per lane")
    func scheduled() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let later = try world.message(scheduledAt: Date(timeIntervalSinceNow: 3600))
            let due = try (0..<Promoter.perLane + 10).map { _ in
                try world.message(scheduledAt: Date(timeIntervalSinceNow: -1))
            }
            let other = try world.message(tenant: "standard", scheduledAt: Date(timeIntervalSinceNow: -1))
            try await world.accept(due + [later, other])
            #expect(try await world.statuses(later) == [.scheduled])
            #expect(try await world.view(later).waiting?.blocker == .schedule)
            let first = try await Promoter(pool: pool).promote()
            #expect(first.hasMore)
            #expect(try await world.count("ready") == Promoter.perLane + 1)
            #expect(try await world.statuses(other) == [.queued])
            let second = try await Promoter(pool: pool).promote()
            #expect(!second.hasMore)
            #expect(try await world.count("deferred") == 1)
            #expect(try await world.events(later) == [.scheduled])
        }
    }

    @Test("Only due entries are promoted when nothing else is there, and an empty table is no trouble")
    func nothingToPromote() async throws {
        try await withDatabase { pool in
            let pass = try await Promoter(pool: pool).promote()
            #expect(pass.queues.isEmpty && !pass.hasMore)
            #expect(try await QueueScan(pool: pool).queues().isEmpty)
        }
    }

    @Test("The scan finds every queue with rows")
    func scan() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([
                try world.message(), try world.message(priority: .high), try world.message(tenant: "standard"),
                try world.message(region: "UK", priority: .bulk),
            ])
            let expected: Set = [
                QueueSign(laneID: try world.lane("apa", "AT"), priority: .normal, rows: .all(1)),
                QueueSign(laneID: try world.lane("apa", "AT"), priority: .high, rows: .all(1)),
                QueueSign(laneID: try world.lane("standard", "AT"), priority: .normal, rows: .all(1)),
                QueueSign(laneID: try world.lane("apa", "UK"), priority: .bulk, rows: .all(1)),
            ]
            #expect(Set(try await QueueScan(pool: pool).queues()) == expected)
        }
    }

    @Test("Canceling takes back what waits; what was claimed is too late; strangers see nothing")
    func cancel() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["1@b.example", "2@b.example", "3@b.example"])
            let scheduled = try world.message(scheduledAt: Date(timeIntervalSinceNow: 600))
            try await world.accept([message, scheduled])
            let call = try #require(try await world.claim(try world.lane("apa", "AT"), 1).first)
            let cancellation = Cancellation(pool: pool)
            #expect(try await cancellation.cancel(message.id, tenantID: 999_999) == nil)
            let answer = try await cancellation.cancel(message.id, tenantID: message.tenantID)
            #expect(answer == Cancellation.Answer(canceled: 2, tooLate: 1))
            let whole = try await cancellation.cancel(scheduled.id, tenantID: scheduled.tenantID)
            #expect(whole == Cancellation.Answer(canceled: 1, tooLate: 0))
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "x"))])
            #expect(try await world.statuses(message) == [.sent, .canceled, .canceled])
            #expect(try await world.view(message).summary.isMixed)
            #expect(try await world.statuses(scheduled) == [.canceled])
            #expect(try await world.count("ready") == 0)
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("Expired messages end wherever they wait")
    func expiry() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let past = Date(timeIntervalSinceNow: -1)
            let queued = try world.message(recipients: ["1@b.example", "2@b.example"], expiresAt: past)
            let scheduled = try world.message(scheduledAt: Date(timeIntervalSinceNow: 60), expiresAt: past)
            let alive = try world.message(expiresAt: Date(timeIntervalSinceNow: 60))
            try await world.accept([queued, scheduled, alive])
            let claimed = try #require(try await world.claim(try world.lane("apa", "AT"), 1).first)
            #expect(claimed.isExpired)
            #expect(try await ExpirySweep(pool: pool).sweep() == 2)
            try await world.settle([Outcome(call: claimed, result: .expired)])
            #expect(try await world.statuses(queued) == [.expired, .expired])
            #expect(try await world.statuses(scheduled) == [.expired])
            #expect(try await world.statuses(alive) == [.queued])
            #expect(try await world.events(scheduled) == [.scheduled, .expired])
        }
    }

    @Test("A claim whose rows nobody works on goes back, unharmed")
    func forgottenClaims() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            let wide = try world.message(recipients: ["1@b.example", "2@b.example"], split: false)
            try await world.accept([message, wide])
            let lane = try world.lane("apa", "AT")
            let kept = try #require(try await world.claim(lane, 1).first)
            _ = try await world.claim(lane, 10)
            #expect(try await world.count("claim") == 2)
            #expect(try await world.claimer().returnForgotten(known: [kept.claimID]).count == 1)
            #expect(try await world.count("claim") == 1)
            let back = try #require(try await world.claim(lane, 10).first)
            #expect(back.rows.map(\.attempt) == [0, 0])
        }
    }

    @Test("The claim reads only what it takes, however long the queue is")
    func claimPlan() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let lane = try world.lane("apa", "AT")
            _ = try await pool.query(
                """
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT CASE WHEN n % 50 = 0 THEN \(lane) ELSE 1000000 END, 1,
                       (lpad(to_hex(n), 12, '0') || '70008000000000000001')::uuid, 1
                FROM generate_series(1, 50000) AS n
                """
            )
            _ = try await pool.query("ANALYZE ready")
            let plan = try await world.explainClaim(lane: lane, recipients: 20)
            #expect(plan.contains("Tid Scan on ready"))
            #expect(!plan.contains("Seq Scan on ready"), "\(plan)")
            #expect(!plan.contains("Hash Join"))
        }
    }

    private var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

extension World {
    func explainClaim(lane: Int32, recipients: Int) async throws -> String {
        let want = ClaimWant(laneID: lane, priority: .normal, recipients: recipients)
        let statement: SQL =
            "EXPLAIN (ANALYZE, BUFFERS) \(try claimer().statement([want], from: [PostgresUUID(high: 0, low: 0)]))"
        return try await pool.query(statement).decode(String.self).joined(separator: "\n")
    }
}
