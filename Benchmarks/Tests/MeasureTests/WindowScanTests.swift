import Measure
import Testing

/// Sends of one recipient at these milliseconds.
func sends(_ milliseconds: Int64...) -> [(at: Int64, recipients: Int)] { milliseconds.map { ($0 * 1_000_000, 1) } }

struct WindowScanTests {
    private func scan(_ sends: [(at: Int64, recipients: Int)], _ limit: Int) -> WindowScan {
        WindowScan(sends, length: 1_000_000_000, limits: [.init(recipients: limit)])
    }

    @Test func windowsAreHalfOpen() {
        #expect(scan(sends(0, 1000), 1).over == 0)
        let close = scan(sends(0, 999), 1)
        #expect(close.over == 1)
        #expect(close.most == 2)
        #expect(close.lastOver == 999_000_000)
    }

    /// Ten in each calendar second, twenty in the one across.
    @Test func windowsAcrossSecondsAreSeen() {
        let late = (0..<10).map { (at: Int64(900 + $0 * 10) * 1_000_000, recipients: 1) }
        let early = (0..<10).map { (at: Int64(1000 + $0 * 10) * 1_000_000, recipients: 1) }
        #expect(scan(late + early, 10).most == 20)
        #expect(scan(late + early, 10).over == 10)
    }

    @Test func recipientsCount() {
        #expect(scan([(0, 3), (500_000_000, 4)], 6).over == 1)
        #expect(scan([(0, 3), (500_000_000, 4)], 7).over == 0)
    }

    @Test func aWindowAcrossAChangeMayHoldTheLarger() {
        let limits = [WindowScan.Limit(recipients: 2), WindowScan.Limit(from: 2_000_000_000, recipients: 1)]
        let across = WindowScan(sends(1600, 2100), length: 1_000_000_000, limits: limits)
        #expect(across.over == 0)
        let after = WindowScan(sends(2100, 2600), length: 1_000_000_000, limits: limits)
        #expect(after.over == 1)
    }

    /// Against counting every window the slow way.
    @Test func agreesWithCounting() {
        var state: UInt64 = 7
        let instants = (0..<400).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 33) * 5
        }.sorted()
        let expected = instants.enumerated().map { index, end in
            instants[...index].count { end - $0 < 1_000_000_000 }
        }
        let found = scan(instants.map { ($0, 1) }, 30)
        #expect(found.most == expected.max())
        #expect(found.over == expected.count { $0 > 30 })
    }
}
