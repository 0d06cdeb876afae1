import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Testing

/// What the gauges of the queue are made of.
struct BacklogTests {
    private func share(_ backlog: Backlog, _ path: String, _ world: World) throws -> Backlog.Share {
        let id = try #require(try world.account.shareIDs[path])
        return try #require(backlog.shares.first { $0.shareID == id })
    }

    @Test func itCountsRecipientsByShareAndState() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let unknown = try await world.claimed([try world.message()])
            let retried = try await world.claimed([try world.message()])
            try await world.settle(
                unknown.map { Outcome(call: $0, result: .unknown(grace: .seconds(60), detail: "x")) }
            )
            try await world.settle(retried.map { Outcome(call: $0, result: .retry(delay: .seconds(60), detail: "x")) })
            let before = Date()
            try await world.accept([
                try world.message(recipients: ["a@b.example", "c@b.example"]), try world.message(priority: .bulk),
                try world.message(scheduledAt: Date(timeIntervalSinceNow: 3600)),
                try world.message(tenant: "standard"), try world.message(region: "UK"),
            ])
            let backlog = try await Backlog.read(pool, accountID: try world.account.id, lanes: 8)
            let at = try share(backlog, "AT", world)
            #expect(at.ready == 4 && at.scheduled == 1 && at.retrying == 1 && at.unknown == 1 && at.held == 0)
            let since = try #require(at.readySince)
            #expect(abs(since.timeIntervalSince(before)) < 30)
            let due = try #require(at.nextDue)
            #expect(due > before)
            let own = try share(backlog, "UK/apa", world)
            #expect(own.ready == 1 && own.scheduled == 0)
            let unknownSince = try #require(backlog.unknownSince)
            #expect(abs(unknownSince.timeIntervalSince(before)) < 30)
        }
    }

    @Test func whatWasScheduledWaitsSinceItsTime() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            // As after a promotion: in the queue, with the time that it was scheduled for.
            _ = try await pool.query(
                "UPDATE message SET created_at = now() - interval '2 days', scheduled_at = now() - interval '1 minute'"
            )
            let backlog = try await Backlog.read(pool, accountID: try world.account.id, lanes: 8)
            let since = try #require(try share(backlog, "AT", world).readySince)
            #expect((30...120).contains(Date().timeIntervalSince(since)))
        }
    }

    @Test func heldOutcomesAreCountedApartAndCountsAreBounded() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed([try world.message()])
            try await world.settle(calls.map { Outcome(call: $0, result: .unknown(grace: .seconds(60), detail: "x")) })
            _ = try await pool.query("UPDATE deferred SET due_at = 'infinity'")
            try await world.accept((0..<120).map { _ in try world.message() })
            // With very many lanes a hundred entries of each are counted.
            let backlog = try await Backlog.read(pool, accountID: try world.account.id, lanes: 1_000_000)
            let at = try share(backlog, "AT", world)
            #expect(at.ready == 100 && at.unknown == 0 && at.held == 1)
            #expect(backlog.unknownSince != nil)
        }
    }

    @Test func whatItsTenantsStandingHoldsIsPausedAndGrowsNotOld() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (paused, other) = (try world.message(), try world.message(tenant: "standard"))
            try await world.accept([paused, other])
            _ = try await pool.query(
                """
                INSERT INTO reputation (account_id, tenant_id, tally, state)
                VALUES (\(try world.account.id), \(paused.tenantID), '{}', 'paused'),
                       (\(try world.account.id), \(other.tenantID), '{}', 'slowed')
                """
            )
            _ = try await pool.query(
                "UPDATE message SET created_at = now() - interval '1 day' WHERE tenant_id = \(paused.tenantID)"
            )
            let at = try share(try await Backlog.read(pool, accountID: try world.account.id, lanes: 8), "AT", world)
            #expect(at.paused == 1 && at.ready == 1)
            #expect(Date().timeIntervalSince(try #require(at.readySince)) < 600)
        }
    }

    @Test func whatIsInDoubtAfterARestoreIsCountedAndNotTakenForStuck() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([try world.message()])
            #expect(try await Restoration(pool: pool).doubt(lostAt: Date(), grace: .seconds(7_200)).doubtful == 1)
            let waiting = try await Backlog.read(pool, accountID: try world.account.id, lanes: 8)
            #expect(try share(waiting, "AT", world).unknown == 1 && waiting.unknownSince == nil)
            _ = try await pool.query("UPDATE deferred SET due_at = 'infinity'")
            let held = try await Backlog.read(pool, accountID: try world.account.id, lanes: 8)
            #expect(try share(held, "AT", world).held == 1 && held.unknownSince == nil)
        }
    }
}
