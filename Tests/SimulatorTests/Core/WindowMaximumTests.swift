import Testing

@testable import Simulator

struct WindowMaximumTests {
    @Test func oneSecondApartIsNotTheSameWindow() {
        var maximum = WindowMaximum(length: 1_000_000_000)
        maximum.add(at: 0, recipients: 3)
        maximum.add(at: 1_000_000_000, recipients: 3)
        #expect(maximum.maximum == 3)
        maximum.add(at: 1_999_999_999, recipients: 1)
        #expect(maximum.maximum == 4)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func agreesWithBruteForce(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let sends = (0..<60).map { _ in
            (at: Int64.random(in: 0..<2_000, using: &generator), recipients: Int.random(in: 1...50, using: &generator))
        }.sorted { $0.at < $1.at }
        let length = Int64.random(in: 1...300, using: &generator)
        var maximum = WindowMaximum(length: length)
        for send in sends { maximum.add(at: send.at, recipients: send.recipients) }
        // Windows [start, start + length) at every possible start.
        var expected = 0
        for start in -length...2_000 {
            let held = sends.filter { $0.at >= start && $0.at < start + length }.reduce(0) { $0 + $1.recipients }
            expected = max(expected, held)
        }
        #expect(maximum.maximum == expected)
    }
}
