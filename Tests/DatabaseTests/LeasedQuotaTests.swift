import Directory
import Postgres
import Testing

@testable import Dispatching

@Suite("The 24-hour quota")
struct LeasedQuotaTests {
    @Test("Leases at once never add up to more than the quota, and everybody gets some of the last")
    func never() async throws {
        try await withDatabase { pool in
            let store = DailyQuotaStore(pool: pool, accountID: try await World(pool).account.id)
            let leased = try await withThrowingTaskGroup { group in
                for _ in 0..<60 { group.addTask { try await store.lease(40, limit: 500, evenOut: false).recipients } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(leased.reduce(0, +) == 500)
            #expect(leased.max() == 40)
            #expect(leased.contains { (1...5).contains($0) }, "the last ones are small")
            let none = try await store.lease(40, limit: 500, evenOut: false)
            #expect(none.recipients == 0)
            #expect(none.reason.contains("500"))
        }
    }

    @Test("What was not used is given back; what is older than a day does not count")
    func givenBack() async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            let store = DailyQuotaStore(pool: pool, accountID: account)
            let lease = try await store.lease(100, limit: 100, evenOut: false)
            try await store.giveBack(60, of: lease.minute)
            let again = try await store.lease(50, limit: 100, evenOut: false)
            #expect(lease.recipients + again.recipients - 60 <= 100)
            _ = try await pool.query("UPDATE daily_use SET minute = minute - interval '1439 minutes'")
            #expect(try await store.lease(100, limit: 100, evenOut: false).recipients < 100, "not a day yet")
            _ = try await pool.query("UPDATE daily_use SET minute = minute - interval '4 minutes'")
            #expect(try await store.lease(80, limit: 100, evenOut: false).recipients > 0)
        }
    }

    @Test("Evened out, no hour gets more than a 24th")
    func evenedOut() async throws {
        try await withDatabase { pool in
            let store = DailyQuotaStore(pool: pool, accountID: try await World(pool).account.id)
            var sum = 0
            while case let part = try await store.lease(100, limit: 2400, evenOut: true).recipients, part > 0 {
                sum += part
            }
            #expect(sum == 100)
            let reason = try await store.lease(1, limit: 2400, evenOut: true).reason
            #expect(reason.contains("hour"))
            _ = try await pool.query("UPDATE daily_use SET minute = minute - interval '63 minutes'")
            #expect(try await store.lease(10, limit: 2400, evenOut: true).recipients > 0)
        }
    }

    @Test("What SES says others have sent counts, and -1 is without limit")
    func others() async throws {
        try await withDatabase { pool in
            let account = try await World(pool).account.id
            let store = DailyQuotaStore(pool: pool, accountID: account)
            let state = AccountStateStore(pool: pool, accountID: account)
            try await state.write(rate: 10, daily: 200, sent: 150, sandbox: true, sendingEnabled: true)
            var sum = 0
            while case let part = try await store.lease(20, limit: nil, evenOut: false).recipients, part > 0 {
                sum += part
            }
            #expect(sum == 50)
            try await state.write(rate: 10, daily: -1, sent: 150, sandbox: false, sendingEnabled: true)
            #expect(try await store.lease(1000, limit: nil, evenOut: false).recipients == 1000)
        }
    }
}
