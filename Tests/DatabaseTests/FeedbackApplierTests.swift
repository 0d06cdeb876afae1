import Feedback
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("Feedback, applied")
struct FeedbackApplierTests {
    private func text(
        _ type: String,
        _ sesID: String,
        tag: EntryID?,
        _ part: String = "",
        sentAgo: TimeInterval = 1
    ) -> String {
        let tags = tag.map { #","tags":{"ses:configuration-set":["gw"],"sluice-id":["\#($0.text)"]}"# } ?? ""
        let sent = Date(timeIntervalSinceNow: -sentAgo).formatted(
            Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        )
        return
            #"{"\#(tag == nil ? "notificationType" : "eventType")":"\#(type)","mail":{"timestamp":"\#(sent)","messageId":"\#(sesID)","source":"s@apa.example","destination":["a@b.example"]\#(tags)}\#(part)}"#
    }

    private func bounce(_ recipient: String = "a@b.example", code: String = "550 5.1.1 unknown") -> String {
        #","bounce":{"bounceType":"Permanent","bounceSubType":"General","feedbackId":"f","bouncedRecipients":[{"emailAddress":"\#(recipient)","diagnosticCode":"\#(code)"}]}"#
    }

    private func notification(_ text: String, _ world: World) throws -> Feedback.Notification {
        Feedback.Notification(
            accountID: try world.accountID,
            source: "arn:aws:sns:eu-central-1:1:t",
            id: "n",
            receivedAt: Date(),
            message: Array(text.utf8)
        )
    }

    /// Runs an applier for the time of `body`.
    private func withApplier(
        _ world: World,
        limits: FeedbackApplier.Limits = .init(),
        unjoined: UnjoinedLimits = .init(),
        _ body: (FeedbackApplier) async throws -> Void
    ) async throws {
        let applier = FeedbackApplier(pool: world.pool, limits: limits, unjoined: unjoined, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await applier.run() }
            try await body(applier)
            group.cancelAll()
        }
    }

    @Test("What is taken is in the tables before the answer, and taken again it is known")
    func taken() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed((0..<50).map { _ in try world.message() })
            try await withApplier(world) { applier in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for call in calls {
                        group.addTask {
                            let send = text("Send", "s-\(call.entry.text)", tag: call.entry)
                            for _ in 0..<2 {
                                #expect(try await applier.take(notification(send, world)) == .done)
                                let row: Int16 = try await world.value(
                                    "SELECT status FROM outbox WHERE id = \(call.entry.text)::uuid"
                                )
                                #expect(row == MessageStatus.sent.rank)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await world.count("event") == 50)
            }
        }
    }

    @Test("What cannot be applied says why, and what is not ours is dropped")
    func kept() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await withApplier(world) { applier in
                for (message, expected) in [
                    ("nonsense", "not_json"), ("{}", "malformed"), (text("Received", "s", tag: nil), "unused_type"),
                    (text("Beamed", "s", tag: nil), "unknown_type"),
                ] {
                    guard case .kept(let reason, _) = try await applier.take(notification(message, world)) else {
                        Issue.record("\(message) was not kept")
                        continue
                    }
                    #expect(reason == expected)
                }
                let old = text("Bounce", "s", tag: nil, bounce(), sentAgo: 700)
                let gone = text("Send", "s", tag: EntryID(text: "019b7c2e-8d80-7abc-8def-0123456a0001"))
                for message in [old, gone, "Successfully validated SNS topic for Amazon SES event publishing."] {
                    #expect(try await applier.take(notification(message, world)) == .notOurs)
                }
                #expect(try await world.count("feedback_waiting") == 0)
            }
        }
    }

    @Test("A notification without tags that overtakes its settling waits for it, with each of its recipients")
    func waiting() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: ["a@b.example", "c@b.example"], split: false)
            try await withApplier(world) { applier in
                for recipient in ["a@b.example", "c@b.example"] {
                    let early = text("Bounce", "s", tag: nil, bounce(recipient))
                    #expect(try await applier.take(notification(early, world)) == .notOurs)
                    #expect(try await applier.take(notification(early, world)) == .notOurs)
                }
                #expect(try await world.count("feedback_waiting") == 2)
                let join = WaitingJoin(pool: pool, logger: quiet)
                #expect(try await join.pass() == 0)
                #expect(try await world.value("SELECT min(looks) FROM feedback_waiting") == Int16(1))
                try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
                _ = try await pool.query("UPDATE feedback_waiting SET next_at = now()")
                #expect(try await join.pass() == 2)
                #expect(try await world.statuses(message) == [.bounced, .bounced])
                #expect(try await world.count("feedback_waiting") == 0)
                #expect(try await world.count("suppression") == 2)
            }
        }
    }

    @Test("What has waited long enough is not ours; what is too much to wait is to come again")
    func waitingBounds() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var unjoined = UnjoinedLimits()
            unjoined.rows = 2
            try await withApplier(world, unjoined: unjoined) { applier in
                for number in 0..<4 {
                    let result = await applier.take(
                        try notification(text("Bounce", "s\(number)", tag: nil, bounce()), world)
                    )
                    #expect(result == (number < 2 ? .notOurs : .busy))
                }
                #expect(try await world.count("feedback_waiting") == 2)
                _ = try await pool.query(
                    "UPDATE feedback_waiting SET next_at = now(), waits_until = now() WHERE ses_message_id = 's0'"
                )
                #expect(try await WaitingJoin(pool: pool, logger: quiet).pass() == 0)
                #expect(try await world.value("SELECT array_agg(ses_message_id) FROM feedback_waiting") == ["s1"])
            }
        }
    }

    @Test("However much mail of others waits, one pass looks at all of it that is due, and drops what waited enough")
    func waitingForeigners() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await withApplier(world) { applier in
                let early = try notification(text("Bounce", "s", tag: nil, bounce()), world)
                #expect(await applier.take(early) == .notOurs)
            }
            for (count, wait) in [(1_700, 600), (1_300, -1)] {
                _ = try await pool.query(
                    """
                    INSERT INTO feedback_waiting
                        (account_id, ses_message_id, identity, recipient, type, at, data, next_at, waits_until)
                    SELECT \(world.accountID), 'foreign' || n || \(String(wait)), 'i', '', 'email.bounced', now(), '{}',
                           now() - interval '1 minute', now() + \(Duration.seconds(wait))
                    FROM generate_series(1, \(Int64(count))) AS n
                    """
                )
            }
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            #expect(try await WaitingJoin(pool: pool, logger: quiet).pass() == 1)
            #expect(try await world.statuses(message) == [.bounced])
            #expect(try await world.count("feedback_waiting") == 1_700)
            #expect(try await world.value("SELECT count(*) FROM feedback_waiting WHERE looks > 0") == 1_700)
            // Again and again until ten minutes are over, more and more rarely.
            var looks = 1
            while try await world.count("feedback_waiting") > 0, looks < 100 {
                _ = try await pool.query(
                    "UPDATE feedback_waiting SET waits_until = waits_until - (next_at - now()), next_at = now()"
                )
                #expect(try await WaitingJoin(pool: pool, logger: quiet).pass() == 0)
                looks += 1
            }
            #expect(looks <= 12)
        }
    }

    @Test("What is refused after it waited is kept for the operator, and nothing else with it")
    func waitingPoison() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("ALTER TABLE event ADD CHECK (data ->> 'reason' NOT LIKE '%poison%')")
            let calls = try await world.claimed((0..<20).map { _ in try world.message() })
            try await withApplier(world) { applier in
                for index in calls.indices {
                    let part = bounce(code: index == 7 ? "550 poison" : "550 unknown")
                    let early = try notification(text("Bounce", "s\(index)", tag: nil, part), world)
                    #expect(await applier.take(early) == .notOurs)
                }
            }
            try await world.settle(
                calls.enumerated().map { Outcome(call: $1, result: .sent(sesMessageID: "s\($0)")) }
            )
            #expect(try await WaitingJoin(pool: pool, logger: quiet).pass() == 19)
            #expect(
                try await world.value("SELECT count(*) FROM outbox WHERE status = \(MessageStatus.bounced.rank)") == 19
            )
            #expect(try await world.count("feedback_waiting") == 0)
            let kept = try await pool.query("SELECT account_id, reason, detail, body FROM feedback_kept")
                .decode(Int32.self, String.self, String.self, String.self)
            #expect(kept.map(\.0) == [try world.accountID] && kept.map(\.1) == ["refused_by_database"])
            #expect(kept.first?.2.hasSuffix(" s7") == true && kept.first?.3.contains("poison") == true)
        }
    }

    @Test("An alarm waits with its event, and is raised with it")
    func waitingAlarm() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: ["x@privaterelay.appleid.com"])
            try await withApplier(world) { applier in
                let part = bounce("x@privaterelay.appleid.com", code: "550 5.1.1 <x>: unauthorized sender")
                let early = try notification(text("Bounce", "s", tag: nil, part), world)
                #expect(await applier.take(early) == .notOurs)
            }
            let join = WaitingJoin(pool: pool, logger: quiet)
            #expect(try await join.pass() == 0)
            #expect(try await world.count("operator_alarm") == 0)
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            for expected in [1, 0] {
                _ = try await pool.query("UPDATE feedback_waiting SET next_at = now()")
                #expect(try await join.pass() == expected)
            }
            #expect(try await world.statuses(message) == [.bounced])
            let alarms = try await pool.query("SELECT kind, object, times FROM operator_alarm")
                .decode(String.self, String.self, Int.self)
            #expect(alarms.map { "\($0)" } == [#"("private_relay", "apa.example", 1)"#])
        }
    }

    @Test("A poisoned event fails alone")
    func poison() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("ALTER TABLE event ADD CHECK (data ->> 'reason' NOT LIKE '%poison%')")
            let calls = try await world.claimed((0..<20).map { _ in try world.message() })
            var limits = FeedbackApplier.Limits()
            limits.flushesAtOnce = 1
            try await withApplier(world, limits: limits) { applier in
                let results = try await withThrowingTaskGroup(of: (Int, NotificationResult).self) { group in
                    for (index, call) in calls.enumerated() {
                        group.addTask {
                            let part = bounce(code: index == 7 ? "poison" : "unknown")
                            let bounced = text("Bounce", "s\(index)", tag: call.entry, part)
                            return (index, try await applier.take(notification(bounced, world)))
                        }
                    }
                    return try await group.reduce(into: [Int: NotificationResult]()) { $0[$1.0] = $1.1 }
                }
                for index in 0..<20 where index != 7 { #expect(results[index] == .done) }
                guard case .kept("refused_by_database", _) = results[7] else {
                    Issue.record("\(String(describing: results[7]))")
                    return
                }
                #expect(
                    try await world.value("SELECT count(*) FROM outbox WHERE status = \(MessageStatus.bounced.rank)")
                        == 19
                )
            }
        }
    }

    @Test("A full queue and a database that is away are busy, and nothing is lost for it")
    func busy() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            let send = try notification(text("Send", "s", tag: call.entry), world)
            var limits = FeedbackApplier.Limits()
            limits.waiting = 0
            #expect(await FeedbackApplier(pool: pool, limits: limits, logger: quiet).take(send) == .busy)
            limits = .init()
            limits.waitingBytes = send.message.count - 1
            #expect(await FeedbackApplier(pool: pool, limits: limits, logger: quiet).take(send) == .busy)
            let nowhere = try PostgresConfiguration("postgres://nobody@/none?host=/nonexistent")
            try await PostgresPool.withPool(nowhere, logger: quiet) { away in
                let applier = FeedbackApplier(pool: away, logger: quiet)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { try? await applier.run() }
                    #expect(await applier.take(send) == .busy)
                    group.cancelAll()
                }
            }
            try await withApplier(world) { #expect(await $0.take(send) == .done) }
            #expect(try await world.statuses(message) == [.sent])
        }
    }

    @Test("A private relay's refusal alarms once for each event, and suppresses nobody")
    func privateRelay() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await withApplier(world) { applier in
                for number in 0..<2 {
                    let (message, call) = try await world.call(recipients: ["x@privaterelay.appleid.com"])
                    let part = bounce("x@privaterelay.appleid.com", code: "550 5.1.1 <x>: unauthorized sender")
                    let refused = try notification(text("Bounce", "s\(number)", tag: call.entry, part), world)
                    for _ in 0..<2 { #expect(await applier.take(refused) == .done) }
                    #expect(try await world.statuses(message) == [.bounced])
                }
                let alarms = try await pool.query("SELECT kind, object, times FROM operator_alarm")
                    .decode(String.self, String.self, Int.self)
                #expect(alarms.map { "\($0)" } == [#"("private_relay", "apa.example", 2)"#])
                #expect(try await world.count("suppression") == 0)
            }
        }
    }

    @Test("An event with more recipients than a flush takes is written whole")
    func many() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: (0..<30).map { "r\($0)@b.example" }, split: false)
            var limits = FeedbackApplier.Limits()
            limits.flush = 7
            try await withApplier(world, limits: limits) { applier in
                let all = (0..<30).map { #""r\#($0)@b.example""# }.joined(separator: ",")
                let delivery = text("Delivery", "s", tag: call.entry, #","delivery":{"recipients":[\#(all)]}"#)
                let result = try await applier.take(notification(delivery, world))
                #expect(result == .done)
            }
            #expect(Set(try await world.statuses(message)) == [.delivered])
        }
    }
}

private let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()
