import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Testing
import Webhooks

/// What `sluice top` reads beside the figures of shares and nodes.
@Suite("What a live picture is read from", .timeLimit(.minutes(5)))
struct TopReaderTests {
    @Test("Every lane with rows, with what is ready, deferred and oldest; lanes of tests are left out")
    func lanes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            #expect(try await LaneBacklog.all(pool).isEmpty)
            try await world.accept([
                try world.message(recipients: ["a@b.example", "c@d.example"]), try world.message(priority: .bulk),
                try world.message(scheduledAt: Date(timeIntervalSinceNow: 600)),
                try world.message(tenant: "standard", scheduledAt: Date(timeIntervalSinceNow: 600)),
            ])
            let lanes = try await LaneBacklog.all(pool)
            let apa = try #require(lanes.first { try world.lane("apa", "AT") == $0.laneID })
            #expect(apa.ready == 3)
            #expect(apa.deferred == 1)
            #expect(abs(try #require(apa.oldestAt).timeIntervalSinceNow) < 60)
            let other = try #require(lanes.first { try world.lane("standard", "AT") == $0.laneID })
            #expect(other.ready == 0 && other.deferred == 1 && other.oldestAt == nil)
            _ = try await pool.query("UPDATE lane SET test = true WHERE id = \(other.laneID)")
            #expect(try await LaneBacklog.all(pool).map(\.laneID) == [apa.laneID])
            // Rows whose lane went with its account are shown as well: somebody has to see them.
            _ = try await pool.query("UPDATE deferred SET lane_id = 999999 WHERE lane_id = \(other.laneID)")
            #expect(try await LaneBacklog.all(pool).map(\.laneID) == [apa.laneID, 999_999])
        }
    }

    @Test("Outcomes by seconds, each look only what is new; counters over all tenants")
    func outcomes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let share = try #require(account.shareIDs["AT"])
            func log(_ outcome: String, _ recipients: Int16, ago: Double) async throws {
                _ = try await pool.query(
                    """
                    INSERT INTO send_log (at, account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                          answered_ns, outcome)
                    VALUES (clock_timestamp() - \(ago) * interval '1 second', \(account.id), \(share), 'n', 1, new_id(), 1,
                            \(recipients), 0, 50000000, \(outcome))
                    """
                )
            }
            try await log("sent", 30, ago: 40)
            try await log("sent", 5, ago: 10)
            try await log("unknown", 2, ago: 10)
            try await log("not_sent", 1, ago: 20)
            try await log("sent", 1_000, ago: 300)
            _ = try await pool.query(
                """
                INSERT INTO usage_day (tenant_id, day, region, accepted, sent, delivered, bounced, complained)
                SELECT id, (now() AT TIME ZONE 'UTC')::date - n, 'AT', 9, 8, 7, 2, 1 FROM tenant, generate_series(0, 3) AS n
                """
            )
            let reader = OutcomeReader(pool: pool)
            let first = try await reader.news(since: nil)
            #expect(first.sends.reduce(0) { $0 + $1.sent } == 35)
            #expect(first.sends.reduce(0) { $0 + $1.unknown } == 2)
            #expect(first.sends.reduce(0) { $0 + $1.notSent } == 1)
            #expect(first.sends.allSatisfy { $0.accountID == account.id && $0.latency == 0.05 })
            let last = try #require(first.sends.compactMap(\.lastSentAt).max())
            #expect(abs(first.now.timeIntervalSince(last) - 10) < 5)
            // Today and yesterday, of two tenants.
            #expect(first.delivered == 28 && first.bounced == 8 && first.complained == 4)
            try await log("sent", 3, ago: 0.5)
            // Too fresh to be whole, or new: in either case no send is counted twice.
            let second = try await reader.news(since: first.until)
            #expect([0, 3].contains(second.sends.reduce(0) { $0 + $1.sent }))
            try await eventuallyNew(reader, since: second.until, already: second.sends.reduce(0) { $0 + $1.sent })
        }
    }

    private func eventuallyNew(_ reader: OutcomeReader, since: Date, already: Int) async throws {
        var (seen, until) = (already, since)
        for _ in 0..<300 where seen < 3 {
            let news = try await reader.news(since: until)
            seen += news.sends.reduce(0) { $0 + $1.sent }
            until = news.until
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(seen == 3)
    }

    @Test("Endpoints that fail or were disabled for it, without their paths")
    func webhooks() async throws {
        try await withDatabase { pool in
            let world = try await WebhookWorld(pool)
            let failing = try await world.endpoint("https://hooks.apa.example:8443/secret?token=1")
            let gone = try await world.endpoint("https://gone.example/")
            _ = try await world.endpoint("https://well.example/")
            let off = try await world.endpoint("https://off.example/")
            _ = try await pool.pipeline([
                "UPDATE webhook_endpoint SET failing_since = now() - interval '1 h', failures = 7 WHERE id = \(failing)::uuid",
                """
                UPDATE webhook_endpoint SET status = 'disabled', disabled_reason = 'gone', disabled_at = now()
                WHERE id = \(gone)::uuid
                """,
                """
                UPDATE webhook_endpoint SET status = 'disabled', disabled_reason = 'tenant', disabled_at = now()
                WHERE id = \(off)::uuid
                """,
            ])
            let found = try await FailingEndpoint.all(pool)
            #expect(found.map(\.host) == ["hooks.apa.example", "gone.example"])
            #expect(found.map(\.disabledReason) == [nil, "gone"])
            #expect(found.map(\.failures) == [7, 0])
            #expect(found.map(\.tenant) == ["apa", "apa"])
        }
    }
}
