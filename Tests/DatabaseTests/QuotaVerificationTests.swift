import Capacity
import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@testable import Dispatching

/// `sluice verify-quota`: the send log, put on one clock and replayed.
@Suite("Verifying the quota", .timeLimit(.minutes(5)))
struct QuotaVerificationTests {
    /// Ten minutes ago, to the second.
    let start = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - 600).rounded())

    /// A node whose clock was zero at `start`, with a sample each minute.
    func samples(_ world: World, node: String, epoch: Int64 = 1) async throws {
        _ = try await world.pool.query(
            """
            INSERT INTO clock_sample (node, node_epoch, node_ns, at, error_ns)
            SELECT \(node), \(epoch), n * 60000000000, \(start) + n * interval '1 minute', 100000
            FROM generate_series(0, 10) AS n
            """
        )
    }

    /// `count` recipients of a share, one after the other `apart`, from `at` seconds after `start`.
    func send(
        _ world: World,
        share: String,
        count: Int,
        at: Double,
        apart: Double,
        node: String = "one",
        outcome: String = "sent",
        message: NewMessage? = nil
    ) async throws {
        let account = try world.account
        let id = try #require(account.shareIDs[share])
        let outboxID: String? = message?.id.description
        _ = try await world.pool.query(
            """
            INSERT INTO send_log (at, account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                  answered_ns, outcome)
            SELECT \(start) + (\(at) + n * \(apart) + 0.05) * interval '1 second', \(account.id), \(id), \(node), 1,
                   coalesce(\(outboxID)::text::uuid, new_id()), 1, 1, ((\(at) + n * \(apart)) * 1e9)::bigint,
                   ((\(at) + n * \(apart) + 0.05) * 1e9)::bigint, \(outcome)
            FROM generate_series(0, \(Int64(count - 1))) AS n
            """
        )
    }

    private func verify(_ world: World) async throws -> QuotaReport {
        try await QuotaVerification(pool: world.pool, account: try world.account)
            .run(from: start.addingTimeInterval(-1), to: Date())
    }

    @Test("Sends that keep quota and ceilings are found sound, and counted")
    func sound() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            try await samples(world, node: "two")
            for second in 0..<100 {
                let at = Double(second) * 1.06
                try await send(world, share: "AT", count: 30, at: at, apart: 0)
                try await send(world, share: "other", count: 20, at: at, apart: 0, node: "two")
            }
            let report = try await verify(world)
            #expect(report.rate == 50)
            #expect(report.window == 1)
            #expect(report.attempts == 5000)
            #expect(report.notVerifiable == 0)
            #expect(report.clockError > 0 && report.clockError < 1)
            #expect(report.windows.isEmpty)
            #expect(report.misses.isEmpty)
            #expect(!report.isViolated)
        }
    }

    @Test("A window over the quota is found where it was planted, on two nodes")
    func overQuota() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            try await samples(world, node: "two")
            try await send(world, share: "AT", count: 30, at: 90, apart: 0.001)
            try await send(world, share: "other", count: 21, at: 90.3, apart: 0.001, node: "two")
            let report = try await verify(world)
            #expect(report.isViolated)
            let window = try #require(report.windows.first)
            #expect(window.share == "")
            #expect(window.isCertain)
            #expect(window.most == 51)
            #expect(window.limit == 50)
            #expect(window.from <= start.addingTimeInterval(90) && start.addingTimeInterval(90) < window.to)
        }
    }

    @Test("What SES may have taken makes a window possible, not certain")
    func unknown() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            try await send(world, share: "other", count: 50, at: 90, apart: 0.001)
            try await send(world, share: "AT", count: 1, at: 89.3, apart: 0, outcome: "unknown")
            let report = try await verify(world)
            #expect(!report.isViolated)
            #expect(report.windows.map(\.most) == [51])
        }
    }

    @Test("A share's ceiling counts with what is below it")
    func ceiling() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            try await send(world, share: "UK", count: 15, at: 90, apart: 0.01)
            try await send(world, share: "UK/apa", count: 6, at: 90.2, apart: 0.01)
            let report = try await verify(world)
            #expect(report.windows.map(\.share) == ["UK"])
            #expect(report.windows.map(\.limit) == [20])
            #expect(report.windows.map(\.most) == [21])
            #expect(report.isViolated)
        }
    }

    @Test("Attempts without samples cannot be verified, and are counted")
    func notVerifiable() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await send(world, share: "other", count: 60, at: 90, apart: 0.001)
            let report = try await verify(world)
            #expect(report.notVerifiable == 60)
            #expect(report.windows.isEmpty)
        }
    }

    @Test("In egress mode a send is the start of its call")
    func egress() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            for second in 0..<10 {
                try await send(world, share: "other", count: 50, at: Double(second) * 1.002, apart: 0)
            }
            #expect(try await !verify(world).windows.isEmpty)
            _ = try await pool.query("UPDATE account SET credit_window = 'egress'")
            let account = try #require(try await DirectoryLoader.load(pool).account(named: "main"))
            let report = try await QuotaVerification(pool: pool, account: account).run(from: start, to: Date())
            #expect(report.windows.isEmpty)
        }
    }

    @Test("Mail that waits while its share gets less than its guarantee is a miss; served enough, it is none")
    func guarantees() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await samples(world, node: "one")
            let message = try world.message()
            try await world.accept([message])
            _ = try await pool.query("DELETE FROM ready")
            _ = try await pool.query("UPDATE message SET created_at = \(start)")
            try await send(world, share: "AT", count: 600, at: 0, apart: 0.05, message: message)
            let missed = try await verify(world)
            let miss = try #require(missed.misses.first)
            #expect(missed.misses.count == 1)
            #expect(miss.share == "AT")
            #expect((199...201).contains(miss.least))
            #expect(abs(miss.guaranteed - 285.2) < 0.1)
            try await send(world, share: "AT", count: 600, at: 0.01, apart: 0.05, message: message)
            #expect(try await verify(world).misses.isEmpty)
        }
    }

    @Test("Mail that still waits is a miss up to the end, what was tried before is not")
    func stillWaiting() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([try world.message()])
            _ = try await pool.query("UPDATE message SET created_at = \(start)")
            let miss = try #require(try await verify(world).misses.first)
            #expect(miss.share == "AT")
            #expect(miss.least == 0)
            #expect(abs(miss.to.timeIntervalSinceNow) < 30)
            _ = try await pool.query("UPDATE outbox SET attempt = 1")
            #expect(try await verify(world).misses.isEmpty)
        }
    }

    @Test("The sampler's map brings a node's time back to the database's, and old samples go")
    func sampler() async throws {
        try await withDatabase { pool in
            let origin = ContinuousClock.now - .seconds(1000)
            let life = Worker(node: "one", epoch: 3)
            let sampler = ClockSampler(pool: pool, origin: origin, life: { life }, logger: Logger(label: "test"))
            try await sampler.sample(life)
            try await sampler.sample(life)
            let rows = try await pool.query(
                """
                SELECT node_ns, (extract(epoch FROM at) * 1000000)::bigint * 1000, error_ns FROM clock_sample
                WHERE node = 'one' AND node_epoch = 3
                """
            ).decode(Int64.self, Int64.self, Int64.self)
            let map = ClockMap(rows.map { ClockMap.Sample(node: $0.0, database: $0.1, error: $0.2) })
            #expect(rows.count == 2)
            let asked = ContinuousClock.now
            let now = try #require(
                try await pool.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000")
                    .decode(Int64.self).first
            )
            let answered = ContinuousClock.now
            let before = try #require(map.map(Int64(origin.duration(to: asked) / .nanoseconds(1))))
            let after = try #require(map.map(Int64(origin.duration(to: answered) / .nanoseconds(1))))
            #expect(before.at - before.error <= now + 1000 && now <= after.at + after.error + 1000)
            #expect(before.error < 1_000_000_000)
            _ = try await pool.query(
                "UPDATE clock_sample SET at = now() - interval '101 days' WHERE node_ns = \(rows[0].0)"
            )
            try await ClockSampler.prune(pool)
            #expect(try await pool.query("SELECT 1 FROM clock_sample").count == 1)
        }
    }
}
