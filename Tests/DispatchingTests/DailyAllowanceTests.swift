import Foundation
import Testing

@testable import Dispatching

@Suite("What a worker may send of the 24-hour quota")
struct DailyAllowanceTests {
    let start = ContinuousClock.now
    let minute = Date(timeIntervalSince1970: 60)

    private func limited() -> DailyAllowance {
        var allowance = DailyAllowance()
        allowance.setLimited(true, rate: 50)
        return allowance
    }

    @Test("Without a quota there is no limit; with one, nothing before the first lease")
    func limits() {
        var allowance = DailyAllowance()
        allowance.spend(1000)
        #expect(allowance.limit(now: start) == .max)
        #expect(!allowance.needsMore(now: start))
        allowance.setLimited(true, rate: 50)
        #expect(allowance.limit(now: start) == 0)
        #expect(allowance.needsMore(now: start))
        _ = allowance.leased(10, in: minute, now: start)
        #expect(allowance.limit(now: start) == 10)
    }

    @Test("A chunk is spent, refunded, and asked for again before it runs out")
    func spending() {
        var allowance = limited()
        #expect(allowance.chunk == 250)
        _ = allowance.leased(250, in: minute, now: start)
        #expect(!allowance.needsMore(now: start))
        allowance.spend(150)
        #expect(allowance.limit(now: start) == 100)
        #expect(allowance.needsMore(now: start))
        allowance.refund(50)
        #expect(allowance.limit(now: start) == 150)
    }

    @Test("A message to many may take more than is left, but nothing is made of it when it comes back")
    func overdrawn() {
        var allowance = limited()
        _ = allowance.leased(10, in: minute, now: start)
        allowance.spend(30)
        #expect(allowance.limit(now: start) == 0)
        allowance.refund(30)
        #expect(allowance.limit(now: start) == 10)
    }

    @Test("What grows old is not spent, and is given back once; a later lease lasts no longer than the first")
    func growingOld() {
        var allowance = limited()
        _ = allowance.leased(100, in: minute, now: start)
        _ = allowance.leased(100, in: minute + 60, now: start + .seconds(50))
        let old = start + DailyAllowance.life
        #expect(allowance.limit(now: old) == 0)
        let expired = allowance.takeExpired(now: old)
        #expect(expired?.recipients == 200)
        #expect(expired?.minute == minute)
        let again = allowance.takeExpired(now: old)
        #expect(again == nil)
        allowance.refund(7)
        #expect(allowance.left == 0, "a row that comes back later has no minute to be given back to")
    }

    @Test("A lease says whether the one before it had brought nothing")
    func comesBack() {
        var allowance = limited()
        allowance.foundNothing()
        let first = allowance.leased(5, in: minute, now: start)
        let second = allowance.leased(5, in: minute, now: start)
        #expect(first)
        #expect(!second)
    }
}
