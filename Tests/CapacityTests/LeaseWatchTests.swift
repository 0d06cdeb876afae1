import Capacity
import Testing

@Suite("Watching other nodes' leases")
struct LeaseWatchTests {
    let start = ContinuousClock.now
    let life = Worker(node: "a", epoch: 1)
    let bound = Duration.seconds(4)
    let gap = Duration.seconds(3600)

    @Test("A counter that moves keeps its node alive for ever")
    func alive() {
        var watch = LeaseWatch()
        for step in 0..<100 {
            let now = start + .milliseconds(500 * step)
            let dead = watch.observe(
                [life: Int64(step)],
                readAfter: now,
                answeredAt: now,
                bound: bound,
                blindAfter: gap
            )
            #expect(dead.isEmpty)
        }
    }

    @Test("A counter that stands still for the bound is dead, not a moment before")
    func dead() {
        var watch = LeaseWatch()
        _ = watch.observe(
            [life: 7],
            readAfter: start,
            answeredAt: start + .milliseconds(200),
            bound: bound,
            blindAfter: gap
        )
        // Counted from the answer to the question, so that a slow read never makes a node look older.
        let almost = start + .milliseconds(4199)
        let early = watch.observe(
            [life: 7],
            readAfter: almost,
            answeredAt: almost + .seconds(9),
            bound: bound,
            blindAfter: gap
        )
        #expect(early.isEmpty)
        let dead = watch.observe(
            [life: 7],
            readAfter: start + .milliseconds(4200),
            answeredAt: start,
            bound: bound,
            blindAfter: gap
        )
        #expect(dead.map(\.life) == [life])
        #expect(dead.map(\.counter) == [7])
    }

    @Test("A watcher that was blind itself starts over")
    func blind() {
        var watch = LeaseWatch()
        _ = watch.observe([life: 7], readAfter: start, answeredAt: start, bound: bound, blindAfter: .seconds(3))
        let later = start + .seconds(10)
        let afterOutage = watch.observe(
            [life: 7],
            readAfter: later,
            answeredAt: later,
            bound: bound,
            blindAfter: .seconds(3)
        )
        #expect(afterOutage.isEmpty)
    }

    @Test("It says when to look again")
    func nextDeath() {
        var watch = LeaseWatch()
        #expect(watch.nextDeath(bound: bound) == nil)
        _ = watch.observe([life: 1], readAfter: start, answeredAt: start, bound: bound, blindAfter: gap)
        #expect(watch.nextDeath(bound: bound) == start + bound)
        let later = start + .seconds(1)
        _ = watch.observe([life: 2], readAfter: later, answeredAt: later, bound: bound, blindAfter: gap)
        #expect(watch.nextDeath(bound: bound) == later + bound)
    }

    @Test("A lease that moved once starts anew, and one that is gone is forgotten")
    func reset() {
        var watch = LeaseWatch()
        _ = watch.observe([life: 1], readAfter: start, answeredAt: start, bound: bound, blindAfter: gap)
        let later = start + .seconds(3)
        _ = watch.observe([life: 2], readAfter: later, answeredAt: later, bound: bound, blindAfter: gap)
        let moved = watch.observe(
            [life: 2],
            readAfter: later + .seconds(3),
            answeredAt: later,
            bound: bound,
            blindAfter: gap
        )
        #expect(moved.isEmpty)
        _ = watch.observe(
            [:],
            readAfter: later + .seconds(3),
            answeredAt: later + .seconds(3),
            bound: bound,
            blindAfter: gap
        )
        let back = later + .seconds(60)
        let dead = watch.observe([life: 2], readAfter: back, answeredAt: back, bound: bound, blindAfter: gap)
        #expect(dead.isEmpty)
    }

    @Test("The holder stops trusting its lease well before others bury it")
    func timing() {
        let timing = LeaseTiming()
        #expect(timing.trust + timing.margin <= timing.death(window: .zero))
        #expect(timing.death(window: .seconds(2)) - timing.trust >= .seconds(2) + timing.margin)
    }
}
