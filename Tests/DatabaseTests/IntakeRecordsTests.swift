import Directory
import Foundation
import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import Testing

@testable import Feedback

@Suite("What the intake writes down")
struct IntakeRecordsTests {
    private func kept(_ account: Int32?, _ reason: String = "not_json", body: [UInt8] = []) -> KeptNotification {
        KeptNotification(accountID: account, source: "s", reason: reason, detail: "d", body: body)
    }

    private func reasons(_ pool: PostgresPool, _ account: Int32?) async throws -> [String] {
        try await pool.query(
            "SELECT reason FROM feedback_kept WHERE account_id IS NOT DISTINCT FROM \(account) ORDER BY id"
        ).decode(String.self)
    }

    @Test("The last 1,000 of each account are kept, and of what names none")
    func bounded() async throws {
        try await withDatabase { pool in
            let store = KeptStore(pool: pool)
            for account in [Int32?.none, 1, 2] {
                _ = try await pool.query(
                    """
                    INSERT INTO feedback_kept (account_id, source, reason, detail, body)
                    SELECT \(account), 's', 'r' || n, 'd', 'b' FROM generate_series(1, 999) AS n ORDER BY n
                    """
                )
            }
            for account in [Int32?.none, 1] {
                for number in 0..<3 { try await store.keep(kept(account, "new\(number)")) }
                let reasons = try await reasons(pool, account)
                #expect(reasons.count == 1000)
                #expect(reasons.first == "r3" && reasons.last == "new2")
            }
            #expect(try await reasons(pool, 2).count == 999, "another account's are not touched")
        }
    }

    @Test("A body is cut to 16 KiB and made text; a stranger's is kept once a second")
    func bodies() async throws {
        try await withDatabase { pool in
            let clock = Mutex(ContinuousClock.now)
            let store = KeptStore(pool: pool, now: { clock.withLock { $0 } })
            for body in [
                [UInt8](repeating: 0xE2, count: 20_000), Array("a\0b".utf8),
                Array(String(repeating: "€", count: 9000).utf8),
            ] {
                try await store.keep(kept(1, body: body))
            }
            let bodies = try await pool.query("SELECT body FROM feedback_kept ORDER BY id").decode(String.self)
            #expect(bodies.map { $0.utf8.count <= 16 << 10 } == [true, true, true])
            #expect(bodies.last?.hasPrefix("€€") == true && bodies[1] == "a\u{FFFD}b")
            var isKept: [Bool] = []
            for milliseconds in [0, 1, 500, 499, 1, 1000] {
                clock.withLock { $0 += .milliseconds(milliseconds) }
                isKept.append(try await store.keepStranger(kept(nil)))
            }
            #expect(isKept == [true, false, false, true, false, true])
            #expect(try await reasons(pool, nil).count == 3)
        }
    }

    @Test("Sources are counted in memory and added up in their rows; an account that is gone is passed over")
    func sources() async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            var logger = Logger(label: "test")
            logger.logLevel = .error
            let health = SourceHealth(pool: pool, logger: logger)
            let other = SourceHealth(pool: pool, logger: logger)
            for _ in 0..<10 { health.note(accountID: account, source: "topic", isEvent: true) }
            health.note(accountID: account, source: "topic", isEvent: false)
            health.note(accountID: account, source: "queue", isEvent: false)
            health.note(accountID: 999, source: "topic", isEvent: true)
            await health.flush()
            for _ in 0..<5 { other.note(accountID: account, source: "topic", isEvent: true) }
            await other.flush()
            await other.flush()
            let rows = try await pool.query(
                """
                SELECT source, events, received_at IS NOT NULL, event_at IS NOT NULL FROM feedback_source ORDER BY source
                """
            ).decode(String.self, Int.self, Bool.self, Bool.self)
            #expect(rows.map(\.0) == ["queue", "topic"] && rows.map(\.1) == [0, 15])
            #expect(rows.map(\.2) == [true, true] && rows.map(\.3) == [false, true])
        }
    }

    @Test("What the database did not take counts on, and the service writes once more when it stops")
    func failing() async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            var logger = Logger(label: "test")
            logger.logLevel = .error
            let health = SourceHealth(pool: pool, logger: logger)
            for _ in 0..<3 { health.note(accountID: account, source: "topic", isEvent: true) }
            _ = try await pool.query("ALTER TABLE feedback_source RENAME TO elsewhere")
            await health.flush()
            health.note(accountID: account, source: "topic", isEvent: true)
            _ = try await pool.query("ALTER TABLE elsewhere RENAME TO feedback_source")
            let group = ServiceGroup(services: [health], logger: logger)
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(try await pool.query("SELECT events FROM feedback_source").decode(Int.self) == [4])
        }
    }

    @Test("A subscription is confirmed, ended, and confirmed again")
    func subscriptions() async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            let store = SourceStore(pool: pool)
            func state() async throws -> [Bool] {
                let rows = try await pool.query(
                    "SELECT confirmed_at IS NOT NULL, ended_at IS NOT NULL FROM feedback_source"
                )
                return try rows.decode(Bool.self, Bool.self).flatMap { [$0.0, $0.1] }
            }
            try await store.confirmed("t", accountID: account)
            #expect(try await state() == [true, false])
            try await store.ended("t", accountID: account)
            #expect(try await state() == [true, true])
            try await store.confirmed("t", accountID: account)
            #expect(try await state() == [true, false])
            try await store.ended("t", accountID: 999)
            #expect(try await state().count == 2)
        }
    }
}
