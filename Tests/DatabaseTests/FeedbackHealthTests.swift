import Directory
import Feedback
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import SES
import Synchronization
import Testing

@Suite("Feedback's health, and SES's own suppression list")
struct FeedbackHealthTests {
    @Test("Sends that no word followed are counted, once they are old enough, and shown to the tenant")
    func gaps() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<10).map { _ in try world.message() }
            let calls = try await world.claimed(messages)
            try await world.settle(
                calls.enumerated().map { index, call in
                    Outcome(
                        call: call,
                        result: .sent(sesMessageID: "s\(index)"),
                        attempt: AttemptRecord(
                            accountID: try world.accountID,
                            shareID: 1,
                            node: "n",
                            epoch: 1,
                            startedAt: 1,
                            answeredAt: 2
                        )
                    )
                }
            )
            // One is delivered, one at least sent as SES says, too.
            _ = try await world.apply([
                try world.evidence(.delivered, calls[0].entry, "s0"), try world.evidence(.sent, calls[1].entry, "s1"),
            ])
            let gaps = FeedbackGaps(pool: pool)
            let account = try world.account
            #expect(
                try await gaps.count(accountID: account.id, olderThan: .seconds(900)) == .init(looked: 0, missing: 0)
            )
            #expect(try await gaps.count(accountID: account.id, olderThan: .zero) == .init(looked: 10, missing: 8))
            #expect(try await gaps.count(accountID: account.id, olderThan: .zero, sends: 3).looked == 3)
            #expect(try await gaps.count(accountID: account.id + 1, olderThan: .zero).looked == 0)
            let finding = try await FeedbackHealth.finding(account, missingAfter: .zero, in: pool)
            #expect(finding.isLosing)
            #expect(finding.lastEvent == nil)
            func missing(after bound: Duration) async throws -> Int {
                let reader = MessageReader(pool: pool, missingAfter: bound)
                var count = 0
                for message in messages {
                    let view = try await reader.message(message.id, tenantID: message.tenantID)
                    count += view?.recipients.filter(\.isFeedbackMissing).count ?? 0
                }
                return count
            }
            #expect(try await missing(after: .zero) == 0, "nothing would bring word: the account has no source")
            _ = try await pool.query("UPDATE account SET sns_topics = '{arn:aws:sns:eu-central-1:1:t}'")
            #expect(try await missing(after: .zero) == 8)
            #expect(try await missing(after: .seconds(900)) == 0)
        }
    }

    @Test("Notifications that are not about mail of ours are no sign of health, and the doctor says so")
    func foreignOnly() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            func record(_ event: String) async throws -> [FeedbackFinding] {
                _ = try await pool.query(
                    """
                    INSERT INTO feedback_source (account_id, source, received_at, event_at)
                    VALUES (\(account.id), 'topic', now(), \(raw: event))
                    ON CONFLICT (account_id, source) DO UPDATE SET event_at = excluded.event_at
                    """
                )
                return try await FeedbackRecord(pool: pool).findings(account).filter { $0.check == "main source" }
            }
            let foreign = try await record("NULL")
            #expect(foreign.map(\.level) == [.warning] && foreign[0].detail.contains("no event yet"))
            #expect(try await FeedbackHealth.finding(account, missingAfter: .zero, in: pool).lastEvent == nil)
            let own = try await record("now()")
            #expect(own.map(\.level) == [.sound])
            #expect(try await FeedbackHealth.finding(account, missingAfter: .zero, in: pool).lastEvent != nil)
        }
    }

    @Test("The doctor names an account that reads another's queue")
    func twins() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var document = try World.parse()
            document.accounts[0].sqsQueueURL = "https://sqs.eu-central-1.amazonaws.com/1/q"
            _ = try await DirectoryStore(pool: pool).apply(document, actor: "test")
            let account = try #require(try await DirectoryLoader.load(pool).account(named: "main"))
            let record = FeedbackRecord(pool: pool)
            #expect(try await record.findings(account).allSatisfy { $0.level != .problem })
            // As it may have been before `apply` refused it.
            _ = try await pool.query(
                """
                INSERT INTO account (name, aws_region, sqs_queue_url)
                SELECT 'second', aws_region, sqs_queue_url FROM account WHERE id = \(world.accountID)
                """
            )
            let problems = try await record.findings(account).filter { $0.level == .problem }
            #expect(problems.map(\.check) == ["main queue"])
            #expect(problems.first?.detail.contains("account second") == true)
        }
    }

    @Test("The wish for a mirror is a member of the account's document, and is kept")
    func document() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            #expect(try world.account.mirrorsSuppressions == false)
            var document = try World.parse()
            document.accounts[0].mirrorsSuppressions = true
            let plan = try await DirectoryStore(pool: pool).apply(document, actor: "test")
            #expect("\(plan)".contains("mirror_suppressions false -> true"))
            #expect(try await DirectoryLoader.load(pool).account(named: "main")?.mirrorsSuppressions == true)
        }
    }

    @Test("Addresses go into SES's list and off it, one call at a time, until SES has taken them")
    func mirror() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let list = FakeList()
            let mirror = SuppressionMirror(
                pool: pool,
                directory: DirectoryCache(pool: pool, logger: quiet),
                pace: .zero,
                logger: quiet
            ) { _ in list }
            #expect(try await mirror.pass(account) == false)
            for (email, removes, seconds) in [
                ("a@b.example", false, 3), ("c@b.example", true, 2), ("busy@b.example", false, 1),
            ] {
                _ = try await pool.query(
                    """
                    INSERT INTO suppression_mirror (account_id, email, reason, removes, due_at)
                    VALUES (\(account.id), \(email), 'complaint', \(removes), now() - \(Duration.seconds(seconds)))
                    """
                )
            }
            for _ in 0..<3 { #expect(try await mirror.pass(account)) }
            #expect(list.calls == ["put a@b.example COMPLAINT", "delete c@b.example", "put busy@b.example COMPLAINT"])
            #expect(try await mirror.pass(account) == false, "put off")
            #expect(try await world.value("SELECT array_agg(email) FROM suppression_mirror") == ["busy@b.example"])
            #expect(
                try await world.value("SELECT due_at > now() + interval '1 second' FROM suppression_mirror") == true
            )
            // The last of twenty attempts.
            _ = try await pool.query("UPDATE suppression_mirror SET attempts = 19, due_at = now()")
            #expect(try await mirror.pass(account))
            #expect(try await world.count("suppression_mirror") == 0)
            #expect(try await world.value("SELECT kind || ' ' || object FROM operator_alarm") == "mirror throttled")
        }
    }

    @Test("Two nodes do not call at once, and what is wanted otherwise meanwhile is not forgotten")
    func mirrorRaces() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let tenantID = try #require(world.directory.tenant(named: "apa")?.id)
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true WHERE id = \(account.id)")
            _ = try await pool.query(
                "INSERT INTO suppression_mirror (account_id, email, reason) VALUES (\(account.id), 'a@b.example', 'bounce'), (\(account.id), 'c@b.example', 'bounce')"
            )
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenantID), 'a@b.example', 'bounce'), (\(tenantID), 'c@b.example', 'bounce')"
            )
            let list = FakeList {
                // While SES is being called: another node finds nothing to do, and the tenant changes its mind.
                let other = SuppressionMirror(
                    pool: pool,
                    directory: DirectoryCache(pool: pool, logger: quiet),
                    pace: .zero,
                    logger: quiet
                ) { _ in FakeList() }
                let result = try? await other.pass(account)
                #expect(result == false)
                await #expect(throws: Never.self) {
                    let store = SuppressionStore(pool: pool)
                    let tenantID = try #require(world.directory.tenant(named: "apa")?.id)
                    for email in ["a@b.example", "c@b.example"] {
                        let removed = try await store.remove(
                            try EmailAddress(parsing: email),
                            tenantID: tenantID,
                            actor: "k"
                        )
                        #expect(removed)
                    }
                }
            }
            let mirror = SuppressionMirror(
                pool: pool,
                directory: DirectoryCache(pool: pool, logger: quiet),
                pace: .zero,
                logger: quiet
            ) { _ in list }
            #expect(try await mirror.pass(account))
            #expect(list.calls.count == 1)
            #expect(try await world.value("SELECT count(*) FROM suppression_mirror WHERE removes") == 2)
        }
    }

    @Test("While SES is slow no connection to the database is held, however many accounts mirror")
    func slowMirror() async throws {
        try await withDatabase { pool in
            var document = try World.parse()
            for number in 1...10 {
                var account = document.accounts[0]
                account.name = "slow\(number)"
                account.shares = []
                account.mirrorsSuppressions = true
                document.accounts.append(account)
            }
            _ = try await DirectoryStore(pool: pool).apply(document, actor: "test")
            _ = try await pool.query(
                """
                INSERT INTO suppression_mirror (account_id, email, reason)
                SELECT id, 'a@b.example', 'bounce' FROM account WHERE mirror_suppressions
                """
            )
            let directory = DirectoryCache(pool: pool, logger: quiet)
            try await directory.refresh()
            let gate = Gate()
            let list = FakeList { await gate.wait() }
            let mirror = SuppressionMirror(pool: pool, directory: directory, pace: .zero, logger: quiet) { _ in list }
            try await withThrowingTaskGroup { group in
                group.addTask { try await mirror.run() }
                // More calls are under way than the pool has connections, and all of those are free.
                try await eventually { list.calls.count == 10 }
                try await eventually { pool.statistics.leased == 0 }
                gate.open()
                try await eventually {
                    try await pool.query("SELECT count(*) FROM suppression_mirror").decode(Int.self) == [0]
                }
                group.cancelAll()
            }
            #expect(list.calls.count == 10)
        }
    }

    @Test("All nodes together keep the pace")
    func mirrorPace() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            _ = try await pool.query(
                "INSERT INTO suppression_mirror (account_id, email, reason) VALUES (\(account.id), 'a@b.example', 'bounce'), (\(account.id), 'c@b.example', 'bounce')"
            )
            let list = FakeList()
            let nodes = (0..<2).map { _ in
                SuppressionMirror(
                    pool: pool,
                    directory: DirectoryCache(pool: pool, logger: quiet),
                    pace: .seconds(3600),
                    logger: quiet
                ) { _ in list }
            }
            #expect(try await nodes[0].pass(account))
            for node in nodes { #expect(try await node.pass(account) == false) }
            _ = try await pool.query("UPDATE suppression_mirror_turn SET free_at = now()")
            #expect(try await nodes[1].pass(account))
            #expect(list.calls.count == 2)
        }
    }
}

/// Keeps those who come waiting until it is opened.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() async {
        while !isOpen.withLock(\.self), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
}

private func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        try #require(ContinuousClock.now < end)
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// A suppression list that is throttled for one address.
private final class FakeList: SuppressionList {
    private let log = Mutex<[String]>([])
    private let meanwhile: @Sendable () async -> Void

    init(_ meanwhile: @escaping @Sendable () async -> Void = {}) {
        self.meanwhile = meanwhile
    }

    var calls: [String] { log.withLock { $0 } }

    func putSuppressed(_ email: String, reason: SuppressionReason) async throws(SendFailure) {
        log.withLock { $0.append("put \(email) \(reason.rawValue)") }
        await meanwhile()
        if email.hasPrefix("busy") { throw SendFailure(.throttled, message: "busy") }
    }

    func deleteSuppressed(_ email: String) async throws(SendFailure) {
        log.withLock { $0.append("delete \(email)") }
    }
}

private let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()
