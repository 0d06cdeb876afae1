import Testing

@testable import Webhooks

struct ClaimTroubleTests {
    /// The database is away for a minute; somebody looks twenty times a second.
    @Test func troubleIsToldNowAndThen() {
        let start = ContinuousClock.now
        var trouble = ClaimTrouble()
        var (tries, told) = (0, 0)
        for look in 0..<1200 {
            let now = start.advanced(by: .milliseconds(50 * look))
            guard trouble.mayTry(now: now) else { continue }
            tries += 1
            if trouble.failed(now: now) { told += 1 }
        }
        #expect((15...18).contains(tries))
        #expect((4...6).contains(told))
        trouble.ended()
        #expect(trouble.mayTry(now: start))
    }
}
