import Testing

@testable import Simulator

struct RateWindowTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aCallExactlyOneSecondLaterFits() {
        var window = RateWindow(rate: 1)
        #expect(window.fits(1, at: 0))
        window.record(1, at: 0)
        #expect(!window.fits(1, at: Self.second - 1))
        #expect(window.fits(1, at: Self.second))
    }

    @Test(arguments: [0.3, 0.5, 1, 2.9, 14, 1000])
    func fillsToTheFloorAndNoFurther(rate: Double) {
        var window = RateWindow(rate: rate)
        let limit = max(1, Int(rate))
        for _ in 0..<limit {
            #expect(window.fits(1, at: 5))
            window.record(1, at: 5)
        }
        #expect(!window.fits(1, at: 5))
        let length = Int64((max(1, 1 / rate) * 1e9).rounded(.up))
        #expect(!window.fits(1, at: 5 + length - 1))
        #expect(window.fits(limit, at: 5 + length))
    }

    @Test func halfARecipientASecondIsOneInTwoSeconds() {
        var window = RateWindow(rate: 0.5)
        window.record(1, at: 0)
        #expect(!window.fits(1, at: 2 * Self.second - 1))
        #expect(window.fits(1, at: 2 * Self.second))
    }

    @Test func moreRecipientsThanTheLimitNeverFit() {
        let window = RateWindow(rate: 14)
        #expect(!window.fits(15, at: 0))
        #expect(window.fits(14, at: 0))
    }

    @Test func aLowerRateCountsWhatWasCounted() {
        var window = RateWindow(rate: 10)
        window.record(8, at: 0)
        window.change(rate: 5)
        #expect(!window.fits(1, at: Self.second - 1))
        #expect(window.fits(5, at: Self.second))
        window.change(rate: 20)
        window.record(5, at: Self.second)
        #expect(window.fits(15, at: Self.second))
        #expect(!window.fits(16, at: Self.second))
    }

    /// Whoever tries at random instants gets in as often as a brute-force check over all windows allows, and no more.
    @Test(arguments: [0.5, 1, 14, 1000])
    func agreesWithBruteForce(rate: Double) {
        var generator = SplitMix64(seed: UInt64(rate * 10))
        var window = RateWindow(rate: rate)
        let limit = max(1, Int(rate))
        let length = Int64((max(1, 1 / rate) * 1e9).rounded(.up))
        var accepted: [(at: Int64, recipients: Int)] = []
        var now: Int64 = 0
        for _ in 0..<3000 {
            now += Int64.random(in: 0...Int64(0.8e9 / rate), using: &generator)
            let recipients = Int.random(in: 1...max(1, limit / 5), using: &generator)
            let held = accepted.filter { now - $0.at < length }.reduce(0) { $0 + $1.recipients }
            let isAdmitted = window.admits(recipients, at: now)
            #expect(isAdmitted == (held + recipients <= limit))
            if isAdmitted {
                window.record(recipients, at: now)
                accepted.append((now, recipients))
            }
        }
        #expect(accepted.count > 20)
    }
}

extension RateWindow {
    /// `admits` on a copy, which `#expect` needs.
    fileprivate func fits(_ recipients: Int, at now: Int64) -> Bool {
        var copy = self
        return copy.admits(recipients, at: now)
    }
}
