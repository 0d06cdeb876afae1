import Foundation
import Mail
import Outbox
import Postgres
import Testing

@Suite("A database that was taken back, on a real one", .timeLimit(.minutes(5)))
struct RestorationTests {
    @Test("What may have been sent becomes unknown, whatever it waited for; what was not due yet stays")
    func doubt() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let ready = try world.message(recipients: ["a@b.example", "c@d.example"])
            let together = try world.message(
                tenant: "standard",
                recipients: ["a@b.example", "c@d.example"],
                split: false
            )
            let claimed = try world.message(region: "UK")
            let later = try world.message(scheduledAt: Date(timeIntervalSinceNow: 3_600))
            let overdue = try world.message(scheduledAt: Date(timeIntervalSinceNow: 600))
            try await world.accept([ready, together, claimed, later, overdue])
            _ = try await world.claim(claimed.laneID, 1)
            let lost = Date(timeIntervalSinceNow: 1_200)
            let restoration = Restoration(pool: pool)
            let report = try await restoration.doubt(lostAt: lost, grace: .seconds(7_200))
            // Two rows, a call for two, the claimed one, and the one that was due while the database was still there.
            #expect(report.doubtful == 5 && report.untouched == 1)
            for message in [ready, together, claimed, overdue] {
                #expect(try await world.statuses(message).allSatisfy { $0 == .unknown })
                #expect(try await world.events(message).last == .unknown)
            }
            #expect(try await world.statuses(later) == [.scheduled])
            #expect(try await world.count("ready") == 0)
            #expect(try await world.count("claim") == 0)
            // Nothing of it goes out, and a second run finds nothing.
            #expect(try await Promoter(pool: pool).promote().queues.isEmpty)
            // What is deferred for longer than nodes do it is not taken for the work of a clock that was wrong.
            let sweep = LateSweep(pool: pool, longestPause: .seconds(60), unknownGrace: .seconds(2))
            #expect(try await sweep.sweep() == 0)
            #expect(try await restoration.doubt(lostAt: lost, grace: .seconds(7_200)).doubtful == 0)
        }
    }

    @Test("SES's word decides what it can, and the tenants' policies the rest", arguments: ["resend", "fail"])
    func decide(_ policy: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = \(policy)")
            let (sent, open) = (try world.message(), try world.message())
            try await world.accept([sent, open])
            let entry = try #require(
                try await world.claim(sent.laneID, 1).first?.entry,
                "an entry as SES's events name it"
            )
            _ = try await world.settle([])
            let restoration = Restoration(pool: pool)
            #expect(try await restoration.doubt(lostAt: Date(), grace: .seconds(7_200)).doubtful == 2)
            let results = try await world.apply([try world.evidence(.delivered, entry, "ses-1")])
            #expect(results.count == 1)
            #expect(try await world.statuses(sent) == [.delivered])
            #expect(try await restoration.decide() == 1)
            for _ in 0..<2 { _ = try await Promoter(pool: pool).promote() }
            #expect(try await world.statuses(sent) == [.delivered])
            #expect(try await world.statuses(open) == [policy == "fail" ? .failed : .queued])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("What waits an ordinary grace is left alone when the waiting ends")
    func ordinary() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            _ = try await world.claim(message.laneID, 1)
            #expect(try await RecoveryTests.recover(world, grace: .seconds(30)) == 1)
            #expect(try await Restoration(pool: pool).decide() == 0)
        }
    }
}
