import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Testing

/// `waiting` in `GET /messages/{id}`.
@Suite("Why a message waits", .timeLimit(.minutes(5)))
struct WaitingTests {
    /// World's account under a leader with `rate` in force and one worker that holds `granted` credits of AT.
    private func dispatch(_ world: World, rate: Double? = 50, granted: Int = 30) async throws {
        let account = try world.account
        let share = try #require(account.shareIDs["AT"])
        _ = try await world.pool.pipeline([
            """
            INSERT INTO leader (account_id, epoch, node, node_epoch, rate)
            VALUES (\(account.id), 1, \(world.node), \(world.epoch), \(rate))
            """,
            "INSERT INTO worker (account_id, node, node_epoch) VALUES (\(account.id), \(world.node), \(world.epoch))",
            """
            INSERT INTO credit_grant (account_id, share_id, node, node_epoch, granted, held, version)
            VALUES (\(account.id), \(share), \(world.node), \(world.epoch), \(Int32(granted)), \(Int32(granted)), 1)
            """,
        ])
    }

    /// `count` answered calls of `latency`.
    private func log(_ world: World, count: Int, latency: Duration) async throws {
        let account = try world.account
        _ = try await world.pool.query(
            """
            INSERT INTO send_log (account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                  answered_ns, outcome)
            SELECT \(account.id), 1, \(world.node), \(world.epoch), new_id(), 1, 1, 0,
                   \(Int64(latency / .nanoseconds(1))), 'sent'
            FROM generate_series(1, \(Int64(count)))
            """
        )
    }

    /// Rows of nobody's in a lane, before everything that is accepted later.
    private func fill(_ world: World, lane: Int32, priority: Priority = .normal, count: Int) async throws {
        _ = try await world.pool.query(
            """
            INSERT INTO ready (lane_id, priority, id, recipients)
            SELECT \(lane), \(priority.rawValue), lpad(to_hex(n), 32, '0')::uuid, 1
            FROM generate_series(1, \(Int64(count))) AS n
            """
        )
    }

    private func waiting(_ world: World, _ message: NewMessage) async throws -> MessageView.Waiting {
        try #require(try await world.view(message).waiting)
    }

    @Test("Position, rate and ETA of a lane that has its share for itself")
    func alone() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world)
            try await log(world, count: 10, latency: .milliseconds(498))
            let lane = try world.lane("apa", "AT")
            try await fill(world, lane: lane, count: 100)
            try await fill(world, lane: lane, priority: .high, count: 49)
            try await fill(world, lane: lane, priority: .bulk, count: 500)
            let message = try world.message()
            try await world.accept([message])
            let waiting = try await waiting(world, message)
            #expect(waiting.blocker == .share)
            #expect(waiting.position == 150)
            let rate = try #require(waiting.rate)
            #expect(abs(rate - 20) < 0.001)
            #expect(abs(try #require(waiting.eta).timeIntervalSinceNow - 7.5) < 2)
        }
    }

    @Test(
        "Lanes of a share divide its credits by weight, those without rows left out; recipients are counted, not calls"
    )
    func divided() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world)
            let lane = try world.lane("apa", "AT")
            let rival = try world.lane("standard", "AT")
            _ = try await pool.query("UPDATE lane SET weight = 2 WHERE id = \(lane)")
            _ = try await pool.query("UPDATE lane SET weight = 4 WHERE id = \(rival)")
            let first = try world.message(recipients: (0..<7).map { "\($0)@b.example" }, split: false)
            let second = try world.message()
            try await world.accept([first])
            try await world.accept([second])
            let alone = try await waiting(world, second)
            #expect(alone.position == 8)
            #expect(abs(try #require(alone.rate) - 30 / 1.002) < 0.001)
            try await fill(world, lane: rival, count: 1)
            #expect(abs(try #require(try await waiting(world, second).rate) - 10 / 1.002) < 0.001)
        }
    }

    @Test("A fractional quota has a longer window, and in egress mode the answers are not waited for")
    func windows() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world, rate: 0.5, granted: 1)
            try await log(world, count: 3, latency: .milliseconds(998))
            let message = try world.message()
            try await world.accept([message])
            #expect(abs(try #require(try await waiting(world, message).rate) - 1 / 3) < 0.001)
            _ = try await pool.query("UPDATE account SET credit_window = 'egress'")
            #expect(abs(try #require(try await waiting(world, message).rate) - 1 / 2.002) < 0.001)
        }
    }

    @Test("The blocker is the share where it is at its ceiling, else the account's quota")
    func blockers() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let nobody = try await waiting(world, message)
            #expect(nobody.blocker == .accountQuota)
            #expect(nobody.rate == 0)
            #expect(nobody.eta == nil)
            #expect(nobody.detail?.contains("no node") == true)
            try await dispatch(world, rate: nil, granted: 0)
            #expect(try await waiting(world, message).blocker == .accountQuota)
            #expect(try await waiting(world, message).eta == nil)
            _ = try await pool.query("UPDATE leader SET rate = 25")
            _ = try await pool.query("UPDATE credit_grant SET granted = 25, held = 25")
            #expect(try await waiting(world, message).blocker == .accountQuota)
            _ = try await pool.query("UPDATE credit_grant SET granted = 30, held = 30")
            #expect(try await waiting(world, message).blocker == .share)
        }
    }

    @Test("A ceiling above the share counts with all that is below it")
    func ceilingAbove() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world)
            let account = try world.account
            // apa's mail for UK goes through UK/apa: rate and ceiling 6, below UK with a ceiling of 20.
            let message = try world.message(region: "UK")
            try await world.accept([message])
            #expect(try await waiting(world, message).blocker == .accountQuota)
            let share = try #require(account.shareIDs["UK"])
            _ = try await pool.query("UPDATE credit_grant SET share_id = \(share), granted = 19")
            #expect(try await waiting(world, message).blocker == .accountQuota)
            _ = try await pool.query("UPDATE credit_grant SET granted = 20")
            #expect(try await waiting(world, message).blocker == .share)
        }
    }

    @Test("Paused by the operator; parked when every worker is")
    func stopped() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world)
            let message = try world.message()
            try await world.accept([message])
            let account = try world.account.id
            for (parked, blocker) in [
                ("daily_quota", MessageView.Waiting.Blocker.dailyQuota), ("unreachable", .retry),
                ("paused_by_ses", .paused), ("credentials", .paused),
            ] {
                _ = try await pool.query(
                    "UPDATE worker SET parked = \(parked), parked_detail = 'why', parked_since = now()"
                )
                let waiting = try await waiting(world, message)
                #expect(waiting.blocker == blocker)
                let detail = try #require(waiting.detail)
                #expect(!detail.contains("why"), "what AWS said is the operator's")
                #expect(waiting.position == 1)
                #expect(waiting.rate == 0)
                #expect(waiting.eta == nil)
            }
            _ = try await pool.query(
                "INSERT INTO worker (account_id, node, node_epoch) VALUES (\(account), 'other', 1)"
            )
            #expect(try await waiting(world, message).blocker == .share)
            _ = try await pool.query("UPDATE account SET paused = true")
            #expect(try await waiting(world, message).blocker == .paused)
            #expect(try await waiting(world, message).detail?.contains("operator") == true)
        }
    }

    @Test("A scheduled message says when")
    func scheduled() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let at = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 600).rounded())
            let message = try world.message(scheduledAt: at)
            try await world.accept([message])
            let waiting = try await waiting(world, message)
            #expect(waiting.blocker == .schedule)
            #expect(waiting.until == at)
            #expect(waiting.eta == at)
            #expect(waiting.position == nil)
        }
    }

    @Test("Of a long queue only the first 100,000 are counted, by the index and in bounded time")
    func longQueue() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await dispatch(world)
            try await fill(world, lane: try world.lane("apa", "AT"), count: 100_001)
            _ = try await pool.query("ANALYZE ready")
            let message = try world.message()
            try await world.accept([message])
            let started = ContinuousClock.now
            let waiting = try await waiting(world, message)
            #expect(ContinuousClock.now - started < .seconds(5))
            #expect(waiting.position == nil)
            #expect(waiting.eta == nil)
            #expect(waiting.detail?.contains("100000") == true)
            let plan = try await pool.query(
                """
                EXPLAIN SELECT recipients FROM ready
                WHERE lane_id = 1 AND (priority, id) < (1::smallint, \(message.id.description)::text::uuid)
                ORDER BY priority, id LIMIT 100000
                """
            ).decode(String.self).joined(separator: "\n")
            #expect(plan.contains("Index Cond: ((lane_id = 1) AND (ROW(priority, id) < ROW("))
            #expect(!plan.contains("Sort"))
        }
    }
}
