import Capacity
import Testing

@Suite("Credits")
struct CreditTests {
    @Test(
        "A quota gives floor(R) credits, at least one, each usable once per max(1, 1/R) s and 2 ms",
        arguments: [
            (50.0, 50, Nanoseconds(1_002_000_000)), (14.9, 14, 1_002_000_000), (1, 1, 1_002_000_000),
            (0.5, 1, 2_002_000_000), (0, 1, 1_000_002_000_000), (.nan, 1, 1_000_002_000_000),
        ]
    )
    func rule(quota: Double, credits: Int, window: Nanoseconds) {
        let rule = CreditRule(quota: quota)
        #expect(rule.credits == credits)
        #expect(rule.window == window)
    }

    @Test("The ledger conserves credits through any history", arguments: 0..<50)
    func ledger(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = CreditLedger()
        var now = MonotonicTime.zero
        var expectedHeld = 0
        for _ in 0..<2000 {
            now = now + Nanoseconds.random(in: 0...200 * .millisecond, using: &generator)
            switch Int.random(in: 0..<12, using: &generator) {
            case 0:
                let grant = Int.random(in: 0...40, using: &generator)
                ledger.setGranted(grant)
                if grant > expectedHeld { expectedHeld = grant }
            case 1...4: ledger.reserve(Int.random(in: 0...ledger.available(by: now), using: &generator))
            case 5: ledger.release(Int.random(in: 0...ledger.reserved, using: &generator), until: now)
            case 6...8: ledger.start(Int.random(in: 0...ledger.reserved, using: &generator))
            default:
                ledger.cool(Int.random(in: 0...ledger.inFlight, using: &generator), until: now + .second)
            }
            ledger.advance(to: now)
            #expect(ledger.held <= expectedHeld, "only a grant adds credits")
            #expect(ledger.held >= ledger.granted, "only the surplus is given back")
            #expect(ledger.held == ledger.granted || ledger.free == 0, "a surplus is never spent again")
            expectedHeld = ledger.held
        }
    }

    @Test("A credit is not free before its time, also when calls end out of order")
    func coolingOrder() {
        var ledger = CreditLedger()
        ledger.setGranted(3)
        ledger.advance(to: .zero)
        ledger.reserve(3)
        ledger.start(3)
        ledger.cool(1, until: MonotonicTime(nanoseconds: 30))
        ledger.cool(1, until: MonotonicTime(nanoseconds: 10))
        ledger.cool(1, until: MonotonicTime(nanoseconds: 20))
        for (time, free) in [(9, 0), (10, 1), (19, 1), (20, 2), (29, 2), (30, 3)] {
            ledger.advance(to: MonotonicTime(nanoseconds: Nanoseconds(time)))
            #expect(ledger.free == free)
        }
    }

    @Test("A throttled account halves at most once a second, not below one, and recovers")
    func effectiveQuota() {
        var quota = EffectiveQuota(quota: 40)
        let start = MonotonicTime(nanoseconds: 10 * .second)
        #expect(quota.value(at: start) == 40)
        for _ in 0..<10 { quota.throttled(at: start) }
        #expect(quota.value(at: start) == 20)
        for second in 1...20 { quota.throttled(at: start + Nanoseconds(second) * .second) }
        #expect(quota.value(at: start + 20 * .second) < 5)
        #expect(quota.value(at: start + 20 * .second) >= 1)
        #expect(quota.value(at: start + 41 * .second) == 40)
        #expect(!quota.isReduced)
        quota.setQuota(10)
        #expect(quota.value(at: start + 42 * .second) == 10)
    }
}
