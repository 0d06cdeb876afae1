import Measure
import Testing

struct TrafficTests {
    private static let ms: Int64 = 1_000_000
    private static let ids = (1...9).map { RowID(high: 7, low: UInt64($0) << 16) }

    private func row(_ message: Int, _ recipient: UInt64 = 0) -> RowID {
        RowID(high: 7, low: UInt64(message) << 16 | recipient)
    }

    @Test func aRowKnowsItsMessage() {
        let id = RowID("0199f3a1-2b4c-7d5e-8f60-718293a4b5c6".utf8)
        #expect(id?.text == "0199f3a1-2b4c-7d5e-8f60-718293a4b5c6")
        #expect(id?.message.text == "0199f3a1-2b4c-7d5e-8f60-718293a40000")
        #expect(RowID("0199f3a1".utf8) == nil)
    }

    @Test func theLedgerIsRead() {
        let text = """
            {"at_ns":20,"outbox_id":"0199f3a1-2b4c-7d5e-8f60-718293a4b5c6","attempt":1,"recipients":1,"outcome":"accepted"}
            {"at_ns":10,"outbox_id":null,"attempt":null,"recipients":2,"outcome":"throttled"}
            {"at_ns":30,"outbox_id":null,"attempt":null,"recipients":0,"outcome":"reset_before_body"}

            """
        let sends = LedgerText.read(Array(text.utf8))
        #expect(sends?.map(\.at) == [10, 20, 30])
        #expect(sends?.map(\.outcome) == [.throttled, .accepted, .other])
        #expect(sends?[1].row?.low == 0x8f60_7182_93a4_b5c6)
        #expect(LedgerText.read(Array("{}".utf8)) == nil)
    }

    @Test func whatWasNotTakenIsLost() {
        let traffic = Traffic(
            shares: [SharePlan("AT", rate: 10, ceiling: nil)],
            credits: 10,
            accepted: [Self.ids[0]: .init(at: 0, share: 0, recipients: 3)],
            sends: [
                Send(at: 1, row: row(1, 0)), Send(at: 2, row: row(1, 1)), Send(at: 3, row: row(1, 1)),
                Send(at: 4, row: row(1, 2), outcome: .throttled), Send(at: 5, row: row(2)),
            ]
        )
        #expect(traffic.lost == 1)
        #expect(traffic.taken[row(1, 1)] == 2)
        #expect(traffic.unpromised == [row(2)])
        #expect(traffic.offered().count == 5)
        #expect(traffic.offered(share: 0).count == 4)
    }

    @Test func creditsGoToWhoHasBacklog() {
        let shares = [
            SharePlan("AT", rate: 30, ceiling: 30, lend: false), SharePlan("UK", rate: 10, ceiling: nil),
            SharePlan("other", rate: 10, ceiling: nil),
        ]
        #expect(Allocation.ideal(credits: 50, shares: shares, busy: [true, true, true]) == [30, 10, 10])
        #expect(Allocation.ideal(credits: 50, shares: shares, busy: [true, false, true]) == [30, 0, 19])
        #expect(Allocation.ideal(credits: 50, shares: shares, busy: [false, false, true]) == [0, 0, 19])
        #expect(Allocation.ideal(credits: 50, shares: shares, busy: [true, false, false]) == [30, 0, 0])
        let used = Allocation.ideal(credits: 50, shares: shares, busy: [true, false, true], used: [0, 4, 0])
        #expect(used == [30, 0, 15])
        let free = [SharePlan("a", rate: 0, ceiling: nil), SharePlan("b", rate: 1, ceiling: 2)]
        #expect(Allocation.ideal(credits: 9, shares: free, busy: [true, true]) == [7, 2])
    }

    /// Ten sends a second from two shares that always have backlog, then one of them stops.
    @Test func utilisationIsOfWhatCreditsAllow() {
        let shares = [SharePlan("a", rate: 5, ceiling: nil), SharePlan("b", rate: 5, ceiling: 5, lend: false)]
        var accepted: [RowID: Traffic.Acceptance] = [:]
        var sends: [Send] = []
        accepted[Self.ids[0]] = .init(at: 0, share: 0, recipients: 1000)
        accepted[Self.ids[1]] = .init(at: 0, share: 1, recipients: 1000)
        for index in 0..<100 {
            let at = Int64(index) * 200 * Self.ms
            sends.append(Send(at: at, row: row(1, UInt64(index))))
            if index < 50 { sends.append(Send(at: at + 1, row: row(2, UInt64(index)))) }
        }
        let traffic = Traffic(shares: shares, credits: 10, accepted: accepted, sends: sends)
        let first = Timeline(traffic, from: 0, to: 10_000 * Self.ms)
        let whole = Utilisation(first, traffic, latency: 0, window: 5)
        #expect(whole.saturated.allSatisfy { abs($0 - 1) < 0.05 })
        #expect(!whole.saturated.isEmpty)
        #expect((whole.deviation ?? 9) <= 0.21)
        #expect((whole.guarantee ?? 0) >= 0.95)
        let second = Timeline(traffic, from: 10_000 * Self.ms, to: 20_000 * Self.ms)
        let half = Utilisation(second, traffic, latency: 0, window: 5)
        #expect(half.saturated.allSatisfy { $0 < 0.55 })
        #expect((half.guarantee ?? 1) < 0.1)
    }

    @Test func wakingIsCountedFromThe202() {
        let traffic = Traffic(
            shares: [SharePlan("a", rate: 5, ceiling: nil)],
            credits: 5,
            accepted: [
                Self.ids[0]: .init(at: 0, share: 0, recipients: 1),
                Self.ids[1]: .init(at: 3000 * Self.ms, share: 0, recipients: 2),
                Self.ids[2]: .init(at: 3300 * Self.ms, share: 0, recipients: 1),
            ],
            sends: [
                Send(at: 10 * Self.ms, row: row(1)), Send(at: 3040 * Self.ms, row: row(2)),
                Send(at: 3240 * Self.ms, row: row(2, 1)), Send(at: 3440 * Self.ms, row: row(3)),
            ]
        )
        #expect(Waking.delays(traffic) == [0.04])
    }

    @Test func aPauseIsTheLongestSilence() {
        let before = (0..<20).map { (at: Int64($0) * 100 * Self.ms, recipients: 1) }
        let after = (0..<40).map { (at: Int64(5000 + $0 * 100) * Self.ms, recipients: 1) }
        let pause = Pause(before + after, fault: 1950 * Self.ms, counted: 3000 * Self.ms, end: 9000 * Self.ms, rate: 10)
        #expect(pause.silence == 3.05)
        #expect(pause.resumed == 2)
        #expect(pause.restored == 2.8)
        let none = Pause(before, fault: 500 * Self.ms, counted: 500 * Self.ms, end: 1900 * Self.ms, rate: 10)
        #expect(none.resumed == 0)
    }

    @Test func percentilesOccurred() {
        let spread = Spread((1...100).map(Double.init))
        #expect(spread?.p50 == 50)
        #expect(spread?.p99 == 99)
        #expect(spread?.most == 100)
        #expect(Spread([]) == nil)
    }
}
