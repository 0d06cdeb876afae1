import Testing

@testable import Simulator

struct DailyQuotaTests {
    private static let minute: Int64 = 60_000_000_000
    private static let day: Int64 = 24 * 60 * minute

    @Test func rollsOver() {
        var quota = DailyQuota(limit: 10)
        let start = 7 * Self.minute + 1
        quota.record(6, at: start)
        quota.record(4, at: start + 60 * Self.minute)
        #expect(!quota.fits(1, at: start + Self.day - 1))
        // Within the minute that follows 24 hours the first six are back, the other four an hour later.
        #expect(quota.fits(6, at: start + Self.day + Self.minute))
        #expect(!quota.fits(7, at: start + Self.day + Self.minute))
        #expect(quota.total(at: start + Self.day + 61 * Self.minute) == 0)
    }

    @Test func isNeverExceededInAnyDay() {
        var generator = SplitMix64(seed: 3)
        var quota = DailyQuota(limit: 500)
        var accepted: [(at: Int64, recipients: Int)] = []
        var now: Int64 = 12_345
        for _ in 0..<4000 {
            now += Int64.random(in: 0...(5 * Self.minute), using: &generator)
            let recipients = Int.random(in: 1...5, using: &generator)
            guard quota.admits(recipients, at: now) else { continue }
            quota.record(recipients, at: now)
            accepted.append((now, recipients))
        }
        for send in accepted {
            let held = accepted.filter { $0.at <= send.at && send.at - $0.at < Self.day }.reduce(0) {
                $0 + $1.recipients
            }
            #expect(held <= 500)
        }
    }

    @Test func unlimitedStillCounts() {
        var quota = DailyQuota(limit: -1)
        quota.record(1_000_000, at: 0)
        #expect(quota.fits(1_000_000, at: 0))
        #expect(quota.total(at: 1) == 1_000_000)
    }

    @Test func aLongPauseForgetsEverything() {
        var quota = DailyQuota(limit: 5)
        quota.record(5, at: Self.minute)
        #expect(quota.total(at: 10 * Self.day) == 0)
        quota.record(5, at: 10 * Self.day)
        #expect(!quota.fits(1, at: 10 * Self.day))
    }
}

extension DailyQuota {
    // On copies, which `#expect` needs.
    fileprivate func fits(_ recipients: Int, at now: Int64) -> Bool {
        var copy = self
        return copy.admits(recipients, at: now)
    }

    fileprivate func total(at now: Int64) -> Int {
        var copy = self
        return copy.used(at: now)
    }
}
