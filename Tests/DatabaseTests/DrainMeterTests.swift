import Testing

@testable import Outbox

struct DrainMeterTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func saysASecondWhenNothingIsKnown() {
        var meter = DrainMeter()
        #expect(meter.seconds(for: 10_000, now: at(0)) == 1)
        meter.begin(now: at(0))
        #expect(meter.seconds(for: 10_000, now: at(0.5)) == 1)
    }

    @Test func dividesWhatWaitsByTheRate() {
        var meter = DrainMeter()
        meter.begin(now: at(0))
        for second in 1...4 { meter.drained(500, now: at(Double(second))) }
        #expect(meter.seconds(for: 500, now: at(4)) == 1)
        #expect(meter.seconds(for: 501, now: at(4)) == 2)
        #expect(meter.seconds(for: 10_000, now: at(4)) == 20)
        #expect(meter.seconds(for: 1_000_000, now: at(4)) == 60)
    }

    @Test func aStandstillIsNoticed() {
        var meter = DrainMeter()
        meter.begin(now: at(0))
        #expect(meter.seconds(for: 1, now: at(5)) == 60)
    }

    @Test func remembersTheRateOfTheTimeBefore() {
        var meter = DrainMeter()
        meter.begin(now: at(0))
        meter.drained(1000, now: at(2))
        meter.end(now: at(2))
        meter.begin(now: at(100))
        #expect(meter.seconds(for: 5000, now: at(100.1)) == 10)
        // And forgets it for what it sees itself.
        meter.drained(5000, now: at(101))
        #expect(meter.seconds(for: 5000, now: at(101)) == 1)
    }

    @Test func aLongFlushIsNoStandstillUntilItsPieceIsOver() {
        var meter = DrainMeter()
        meter.begin(now: at(0))
        meter.drained(1000, now: at(10))
        #expect(meter.seconds(for: 500, now: at(13)) == 5)
        #expect(meter.seconds(for: 500, now: at(19.9)) == 5)
        #expect(meter.seconds(for: 500, now: at(20)) == 60)
        // What was given back drained nothing.
        meter.drained(0, now: at(20))
        #expect(meter.seconds(for: 500, now: at(20.5)) == 60)
    }

    @Test func theDistantPastDoesNotCount() {
        var meter = DrainMeter()
        meter.begin(now: at(0))
        meter.drained(100_000, now: at(10))
        for second in 11...15 { meter.drained(10, now: at(Double(second))) }
        #expect(meter.seconds(for: 100, now: at(15)) == 10)
    }
}
