import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Usage")
struct UsageTests {
    @Test("Recipients are counted by day and region, each thing that happened to them once")
    func counts() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let suppressed = try world.message(recipients: ["gone@b.example", "ok@b.example"])
            _ = try await pool.query(
                """
                INSERT INTO suppression (tenant_id, email, reason)
                SELECT \(suppressed.tenantID), 'gone@b.example', 'manual'
                """
            )
            let messages = try (0..<3).map { _ in try world.message() }
            let late = try world.message(scheduledAt: Date().addingTimeInterval(0.2))
            let uk = try world.message(region: "UK", recipients: ["a@b.example", "b@b.example"])
            let calls = try await world.claimed(
                messages + [suppressed, late, uk, try world.message(tenant: "standard")]
            )
            let sent = Array(calls.prefix(3))
            try await world.settle(sent.map { Outcome(call: $0, result: .sent(sesMessageID: "s-\($0.entry.text)")) })
            func say(_ type: EventType, _ call: ClaimedCall) throws -> Evidence {
                try world.evidence(type, call.entry, "s-\(call.entry.text)")
            }
            let word = try [
                say(.sent, sent[0]), say(.delivered, sent[0]), say(.complained, sent[0]), say(.opened, sent[0]),
                say(.deliveryDelayed, sent[1]), say(.bounced, sent[1]),
            ]
            // SES repeats itself.
            for _ in 0..<2 { _ = try await world.apply(word) }
            // What was scheduled was accepted once.
            while try await world.count("deferred") > 0 { _ = try await Promoter(pool: pool).promote() }

            try await world.sequence()
            #expect(try await world.usage().countedUntil == nil, "nothing is counted yet")
            for _ in 0..<3 { try await world.fold() }
            let usage = try await world.usage()
            #expect(usage.days.map(\.region) == ["AT", "UK"])
            let at = try #require(usage.days.first)
            let figures: [Int] = [at.accepted, at.sent, at.delivered, at.bounced, at.complained]
            #expect(figures == [6, 3, 1, 1, 1])
            #expect(usage.days.last?.accepted == 2 && usage.days.last?.sent == 0)
            #expect(try #require(usage.countedUntil).timeIntervalSinceNow > -60 && !usage.hasMore)
            #expect(try await world.usage("standard").days.map(\.accepted) == [1])

            // What comes later is added.
            _ = try await world.apply([try say(.delivered, sent[2])])
            try await world.sequence()
            try await world.fold()
            #expect(try await world.usage().days.first?.delivered == 2)
        }
    }

    @Test("Two nodes that count at once, and one that dies over it, count everything once")
    func faults() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            let tenant = try world.tenant("apa")
            let places = UsageFold.mostOfOne * 2 + 500
            try await world.feed(places, tenant)
            // Dies between the counting and the commit.
            let lost = try await PostgresConnection.connect(configuration)
            try await lost.execute("BEGIN")
            #expect(try await lost.query(UsageFold.statement).decode(Int.self).first == Int(UsageFold.mostOfOne))
            try await lost.execute("SELECT pg_advisory_xact_lock(hashtext('sluice usage'))")
            #expect(try await UsageFold(pool: pool).take() == 0, "another is at it")
            await lost.close()
            #expect(try await world.count("usage_day") == 0)

            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<20 {
                            _ = try await UsageFold(pool: pool).take()
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await world.fold()
            let usage = try await world.usage()
            #expect(usage.days.map(\.sent) == [Int(places)])
            #expect(usage.days.map(\.accepted) == [0])
        }
    }

    @Test("A tenant with very many events does not keep another's from being counted")
    func fairness() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (big, small) = (try world.tenant("apa"), try world.tenant("standard"))
            try await world.feed(UsageFold.mostOfOne * 3, big)
            try await world.feed(5, small)
            let first = try await UsageFold(pool: pool).take()
            #expect(first == Int(UsageFold.mostOfOne) + 5)
            #expect(try await world.usage("standard").days.map(\.sent) == [5])
            let behind = try await world.usage()
            #expect(behind.days.map(\.sent) == [Int(UsageFold.mostOfOne)])
        }
    }

    @Test("A database whose feed has lost its first days is counted from what is left")
    func droppedDays() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.tenant("apa")
            try await world.feed(50, tenant)
            _ = try await pool.query("DELETE FROM feed WHERE tenant_id = \(tenant) AND seq <= 30")
            _ = try await pool.query("UPDATE feed_day SET first_seq = 31 WHERE tenant_id = \(tenant)")
            #expect(try await UsageFold(pool: pool).take() == 20)
            #expect(try await world.usage().days.map(\.sent) == [20])
        }
    }

    @Test("Too many regions are shown by whole days, with the day to go on from")
    func manyRegions() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.tenant("apa")
            _ = try await pool.query(
                """
                INSERT INTO usage_day
                SELECT \(tenant), day::date, 'R' || n, 1, 1, 1, 0, 0
                FROM generate_series('2026-02-01'::date, '2026-02-03', '1 day') AS day CROSS JOIN generate_series(1, 5) AS n
                """
            )
            let reader = UsageReader(pool: pool, most: 12)
            let first = try await reader.usage(tenantID: tenant, from: "2026-01-01", to: "2026-12-31")
            #expect(Set(first.days.map(\.day)) == ["2026-02-03", "2026-02-02"] && first.days.count == 10)
            #expect(first.next == "2026-02-01" && first.hasMore)
            let rest = try await reader.usage(tenantID: tenant, from: "2026-01-01", to: "2026-02-01")
            #expect(rest.days.count == 5 && rest.next == nil && !rest.hasMore)
            let alone = try await UsageReader(pool: pool, most: 3).usage(
                tenantID: tenant,
                from: "2026-02-01",
                to: "2026-02-01"
            )
            #expect(alone.days.map(\.region) == ["R1", "R2", "R3"] && alone.hasMore && alone.next == nil)
        }
    }

    @Test("A tenant's lanes have the rate that they get now, and nobody else's are told")
    func rates() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (at, uk) = (try world.lane("apa", "AT"), try world.lane("apa", "UK"))
            let theirs = try world.lane("standard", "AT")
            let reader = UsageReader(pool: pool)
            let tenant = try world.tenant("apa")
            let idle = try await reader.rates(tenantID: tenant, lanes: [at, uk, theirs])
            #expect(idle == [at, uk].sorted().map { LaneRate(laneID: $0, rate: 0) })

            let account = try world.accountID
            _ = try await pool.query(
                "INSERT INTO leader (account_id, epoch, node, node_epoch, rate, quota) SELECT \(account), 1, 'n', 1, 50, 50"
            )
            _ = try await pool.query("INSERT INTO worker (account_id, node, node_epoch) SELECT \(account), 'n', 1")
            _ = try await pool.query(
                """
                INSERT INTO credit_grant (account_id, share_id, node, node_epoch, granted, held, version)
                SELECT \(account), share_id, 'n', 1, 30, 30, 1 FROM lane WHERE id = \(at)
                """
            )
            func rate() async throws -> Double {
                try await reader.rates(tenantID: tenant, lanes: [at]).first?.rate ?? -1
            }
            #expect(try await abs(rate() - 30 / 1.002) < 0.01, "alone")
            try await world.accept([try world.message(tenant: "standard")])
            #expect(try await abs(rate() - 15 / 1.002) < 0.01, "beside another's")
            try await world.accept([try world.message()])
            #expect(try await abs(rate() - 15 / 1.002) < 0.01, "it counts once")
            _ = try await pool.query("UPDATE account SET paused = true")
            #expect(
                try await reader.rates(tenantID: tenant, lanes: [at])
                    == [LaneRate(laneID: at, rate: 0, blocker: .paused)]
            )
        }
    }
}

extension World {
    /// Gives all events that were recorded their places.
    fileprivate func sequence() async throws {
        var turn = SequencerTurn()
        while try await turn.take(from: pool) > 0 {}
    }

    /// Counts all that has a place.
    fileprivate func fold() async throws {
        while try await UsageFold(pool: pool).take() > 0 {}
    }

    fileprivate func usage(_ name: String = "apa") async throws -> Usage {
        try await UsageReader(pool: pool).usage(tenantID: try tenant(name), from: "2020-01-01", to: "2199-12-31")
    }

    /// Puts so many sends of one message into a tenant's feed, as the sequencer does.
    fileprivate func feed(_ places: Int64, _ tenant: Int32) async throws {
        _ = try await pool.query(
            """
            WITH m AS (
                INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, size)
                SELECT message_of(new_id()), \(tenant), 1, 'AT', 'transactional', 1, true, 1, 'a@b.example', 1 RETURNING id
            ), f AS (
                INSERT INTO feed (tenant_id, seq, at, outbox_id, identity)
                SELECT \(tenant), n, now(), (left(m.id::text, 32) || '0001')::uuid, 'email.sent:' || n
                FROM m CROSS JOIN generate_series(1, \(places)) AS n
            ), h AS (
                INSERT INTO feed_head (tenant_id, seq, at) SELECT \(tenant), \(places), now()
            )
            INSERT INTO feed_day (tenant_id, day, first_seq) SELECT \(tenant), (now() AT TIME ZONE 'UTC')::date, 1
            """
        )
    }
}
