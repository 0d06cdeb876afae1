import Capacity
import Directory
import Foundation
import Postgres
import Testing

@testable import Dispatching

/// What an account does second by second.
@Suite("Live seconds", .timeLimit(.minutes(5)))
struct LiveReaderTests {
    @Test("What nodes write adds up by second and share; what is too old goes")
    func samples() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let now = Int64(Date().timeIntervalSince1970)
            let credits = AccountScheduler(rule: CreditRule(quota: 50)).credits(at: .zero)
            #expect(credits.isEmpty)
            for (node, used) in [("a", 3), ("b", 4)] {
                let sampler = LiveSampler(pool: pool, accountID: account.id, worker: Worker(node: node, epoch: 1))
                // The node's clock is an hour off; what it says is kept by the database's.
                let second = now - 3601
                func clock() -> Double { Date().timeIntervalSince1970 - 3600 }
                try await sampler.write(second, now: clock(), used: [7: used, 8: 1], credits: credits)
                // Said twice it counts once.
                try await sampler.write(second, now: clock(), used: [7: 100], credits: credits)
            }
            let reader = LiveReader(pool: pool)
            let (time, seconds) = try await reader.seconds(accountID: account.id, last: 60, after: nil)
            #expect(abs(time.timeIntervalSince1970 - Double(now)) < 30)
            let second = try #require(seconds.first?.second)
            #expect(seconds.count == 1 && abs(second - now) < 30)
            #expect(seconds.first?.shares == [7: .init(used: 7), 8: .init(used: 2)])
            #expect(seconds.first?.total == .init(used: 9))
            #expect(try await reader.seconds(accountID: account.id, last: 60, after: second).seconds == [])
            _ = try await pool.query("UPDATE live_sample SET second = now() - interval '1 hour'")
            let sampler = LiveSampler(pool: pool, accountID: account.id, worker: Worker(node: "a", epoch: 1))
            try await sampler.write(now / 20 * 20, now: Double(now), used: [:], credits: [])
            #expect(try await world.count("live_sample") == 1)
        }
    }

    @Test("Before anybody looked, the log of calls says when they began")
    func log() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            _ = try await pool.query(
                """
                INSERT INTO send_log (at, account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                                      answered_ns, outcome)
                SELECT date_trunc('second', now()) - interval '3.9 seconds', \(account.id), 5, 'a', 1, new_id(), 1, 2, 0, 300000000,
                       'sent' FROM generate_series(1, 3)
                """
            )
            let seconds = try await LiveReader(pool: pool).log(accountID: account.id, last: 60)
            #expect(seconds.map(\.shares) == [[5: .init(used: 6)]])
        }
    }
}
