import Testing

@testable import Dispatching

@Suite("What a worker may send of the 24-hour quota")
struct DailyAllowanceTests {
    let start = ContinuousClock.now

    @Test("Without a quota there is no limit; with one, nothing before the first lease")
    func limits() {
        var allowance = DailyAllowance()
        #expect(allowance.limit(now: start) == .max)
        #expect(!allowance.needsMore(now: start))
        allowance.setLimited(true, rate: 50)
        #expect(allowance.limit(now: start) == 0)
        #expect(allowance.needsMore(now: start))
    }

    @Test("A chunk is spent, refunded, and asked for again before it runs out")
    func spending() {
        var allowance = DailyAllowance()
        allowance.setLimited(true, rate: 50)
        #expect(allowance.chunk == 250)
        allowance.leased(250, now: start)
        #expect(!allowance.needsMore(now: start))
        allowance.spend(150)
        #expect(allowance.limit(now: start) == 100)
        #expect(allowance.needsMore(now: start))
        allowance.refund(50)
        #expect(allowance.limit(now: start) == 150)
    }

    @Test("What grows old is not spent, and is given back once; a later lease lasts no longer than the first")
    func growingOld() {
        var allowance = DailyAllowance()
        allowance.setLimited(true, rate: 50)
        allowance.leased(100, now: start)
        allowance.leased(100, now: start + .seconds(50))
        let old = start + DailyAllowance.life
        #expect(allowance.limit(now: old) == 0)
        let expired = allowance.takeExpired(now: old)
        #expect(expired == 200)
        let again = allowance.takeExpired(now: old)
        #expect(again == 0)
        allowance.refund(7)
        #expect(allowance.left == 0, "a row that comes back later has no minute to be given back to")
    }
}
