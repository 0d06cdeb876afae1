import Postgres
import Testing

@testable import Webhooks

struct BulkheadTests {
    private let start = ContinuousClock.now

    private func endpoint(_ number: Int) -> PostgresUUID { PostgresUUID(high: 0, low: UInt64(number)) }

    @Test func oneEndpointGetsItsSlots() {
        var bulkhead = Bulkhead()
        #expect(bulkhead.slots == 8)
        for _ in 0..<8 { bulkhead.start(endpoint(1), isReplay: false, maxRate: nil, now: start) }
        #expect(bulkhead.limits(now: start).map(\.inFlight) == [8])
        #expect(bulkhead.free == Bulkhead.total - 8)
    }

    /// Many endpoints begin to hang at once, and take all they are given: the next one finds a slot.
    @Test(arguments: [10, 32, 64, 100, 128])
    func slowEndpointsLeaveRoom(count: Int) {
        var bulkhead = Bulkhead()
        var inFlight: [Int: Int] = [:]
        for _ in 0..<20 {
            for slow in 0..<count {
                while inFlight[slow, default: 0] < bulkhead.slots, bulkhead.free > 0 {
                    bulkhead.start(endpoint(slow), isReplay: false, maxRate: nil, now: start)
                    inFlight[slow, default: 0] += 1
                }
            }
        }
        #expect(bulkhead.free > 0)
        #expect((0..<count).allSatisfy { inFlight[$0, default: 0] > 0 })
    }

    /// However many are known to be slow, each has one slot, and a quarter is left for others.
    @Test func endpointsThatWereSlowGetOneSlotEach() {
        var bulkhead = Bulkhead()
        for slow in 0..<1000 {
            bulkhead.start(endpoint(slow), isReplay: false, maxRate: nil, now: start)
            bulkhead.end(endpoint(slow), isReplay: false, after: .seconds(15), isSuccess: false, now: start)
        }
        // One claim may take all that it is allowed.
        for next in bulkhead.limits(now: start) where next.allowance == 1 {
            #expect(next.inFlight == 0)
            bulkhead.start(next.endpointID, isReplay: false, maxRate: nil, now: start)
        }
        #expect(bulkhead.inFlight == Bulkhead.slowTotal)
        #expect(bulkhead.free == Bulkhead.total / 4)
        // A quick answer, or time, ends it.
        bulkhead.start(endpoint(2000), isReplay: false, maxRate: nil, now: start)
        bulkhead.end(endpoint(2000), isReplay: false, after: .seconds(2), isSuccess: false, now: start)
        let limit = { bulkhead.limits(now: $0).first { $0.endpointID == self.endpoint(2000) } }
        #expect(limit(start)?.allowance == 0)
        #expect(limit(start + Bulkhead.slowMemory) == nil)
    }

    /// With one slot for many slow endpoints, each claim offers it to the next: most may have nothing due.
    @Test func slowEndpointsTakeTurns() {
        var bulkhead = Bulkhead()
        for slow in 0..<Bulkhead.slowTotal + 99 {
            bulkhead.start(endpoint(slow), isReplay: false, maxRate: nil, now: start)
            bulkhead.end(endpoint(slow), isReplay: false, after: .seconds(15), isSuccess: false, now: start)
        }
        for slow in 0..<Bulkhead.slowTotal - 1 {
            bulkhead.start(endpoint(slow), isReplay: false, maxRate: nil, now: start)
        }
        var offered: Set<UInt64> = []
        for _ in 0..<100 {
            let allowed = bulkhead.limits(now: start).filter { $0.allowance == 1 }
            #expect(allowed.count == 1)
            offered.formUnion(allowed.map(\.endpointID.low))
        }
        #expect(offered.count == 100)
    }

    @Test func whoeverAskedForAPauseRests() {
        var bulkhead = Bulkhead()
        bulkhead.start(endpoint(1), isReplay: false, maxRate: nil, now: start)
        bulkhead.end(endpoint(1), isReplay: false, after: .zero, isSuccess: false, rest: .seconds(10), now: start)
        #expect(bulkhead.limits(now: start + .seconds(9)).map(\.allowance) == [0])
        #expect(bulkhead.limits(now: start + .seconds(10)).isEmpty)
    }

    @Test func whatEndedIsForgotten() {
        var bulkhead = Bulkhead()
        bulkhead.start(endpoint(1), isReplay: false, maxRate: nil, now: start)
        bulkhead.end(endpoint(1), isReplay: false, after: .zero, isSuccess: false, now: start)
        #expect(bulkhead.inFlight == 0)
        #expect(bulkhead.limits(now: start).isEmpty)
        bulkhead.end(endpoint(1), isReplay: false, after: .zero, isSuccess: false, now: start)
        #expect(bulkhead.inFlight == 0)
    }

    /// An endpoint that answers quickly gets more at once; one answer that is slow or a failure takes that back.
    @Test(arguments: [(Duration.seconds(1), true), (.zero, false)])
    func quickEndpointsGetMore(duration: Duration, isSuccess: Bool) {
        var bulkhead = Bulkhead()
        func answer(_ duration: Duration, _ isSuccess: Bool) {
            bulkhead.start(endpoint(1), isReplay: false, maxRate: nil, now: start)
            bulkhead.end(endpoint(1), isReplay: false, after: duration, isSuccess: isSuccess, now: start)
        }
        for _ in 0..<100 { answer(.milliseconds(5), true) }
        #expect(bulkhead.limits(now: start).map(\.slots) == [Bulkhead.mostSlots])
        #expect(bulkhead.slots == Bulkhead.slots)
        answer(duration, isSuccess)
        #expect(bulkhead.limits(now: start).map(\.slots).max() ?? Bulkhead.slots == Bulkhead.slots)
        for _ in 0..<100 { answer(.milliseconds(5), true) }
        #expect(bulkhead.limits(now: start + Bulkhead.widthMemory).isEmpty)
        // When slots are scarce a quick one gets few, too.
        for number in 2..<64 {
            for _ in 0..<8 { bulkhead.start(endpoint(number), isReplay: false, maxRate: nil, now: start) }
        }
        for _ in 0..<30 { answer(.milliseconds(5), true) }
        #expect(bulkhead.limits(now: start).first { $0.endpointID == endpoint(1) }?.slots == 1)
    }

    @Test func replaysComeOneByOneAndSlowly() {
        var bulkhead = Bulkhead()
        var now = start
        var starts = 0
        while now < start + .seconds(2) {
            if bulkhead.limits(now: now).first?.mayReplay ?? true {
                bulkhead.start(endpoint(1), isReplay: true, maxRate: nil, now: now)
                #expect(bulkhead.limits(now: now).first?.mayReplay == false)
                bulkhead.end(endpoint(1), isReplay: true, after: .zero, isSuccess: false, now: now)
                starts += 1
            }
            now = now.advanced(by: .milliseconds(1))
        }
        #expect((20...22).contains(starts))
    }
}

struct PaceTests {
    /// Whoever takes whatever is allowed, however often he looks.
    @Test(arguments: [(1, 1), (10, 1), (10, 250), (100, 10), (100, 700), (3, 50)])
    func theRateIsKept(rate: Int, step: Int) {
        let start = ContinuousClock.now
        var pace = Pace(rate: rate, now: start)
        var times: [Int] = []
        for millisecond in stride(from: 0, to: 20_000, by: step) {
            let now = start.advanced(by: .milliseconds(millisecond))
            for _ in 0..<pace.allowance(now: now) {
                pace.take(now: now)
                times.append(millisecond)
            }
        }
        let most = times.indices.map { first in times[first...].prefix { $0 < times[first] + 1000 }.count }.max() ?? 0
        #expect(most <= rate + rate / 10 + 1)
        // Looks that come more seldom than it catches up cannot use all of it.
        if step <= 100 { #expect(times.count >= 19 * rate) }
    }

    @Test func aRestedPaceIsAsNew() {
        let start = ContinuousClock.now
        var pace = Pace(rate: 20, now: start)
        #expect(pace.isRested(now: start))
        #expect(pace.allowance(now: start) == 3)
        pace.take(now: start)
        #expect(!pace.isRested(now: start))
        #expect(pace.allowance(now: start) == 2)
        #expect(pace.isRested(now: start.advanced(by: .milliseconds(50))))
    }
}
