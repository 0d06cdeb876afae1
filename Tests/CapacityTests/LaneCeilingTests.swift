import Capacity
import Testing

@Suite("Lanes with a ceiling, simulated")
struct LaneCeilingTests {
    private static func starts(_ simulation: NodeSimulation, lane: Int32) -> [(at: MonotonicTime, recipients: Int)] {
        simulation.sends.filter { $0.lane == lane }.map { (at: $0.startedAt, recipients: $0.recipients) }
    }

    @Test("It gets its ceiling and no more, and the others all the rest", arguments: [1, 3, 7, 40])
    func slowed(ceiling: Int) {
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: [
                SchedulerTests.backlog(1, lane: 1, rows: 3000, weight: 5),
                SchedulerTests.backlog(1, lane: 2, rows: 3000),
            ],
            latency: 55 * .millisecond...55 * .millisecond,
            ceilings: [1: ceiling],
            seed: 21
        )
        simulation.run(until: simulation.now + 22 * .second)
        let slow = Self.starts(simulation, lane: 1)
        #expect(maximumInWindow(slow, window: .second) <= ceiling)
        // It is served by weight besides, and a turn may come a little after its rest.
        let share = min(ceiling, 20)
        #expect(slow.count >= 17 * share && slow.count <= 23 * ceiling)
        // I3: what the slowed lane leaves is used.
        #expect(Double(simulation.sends.count) >= 0.99 * 50 / 1.055 * 21)
        let counted = simulation.sends.map { (at: $0.countedAt, recipients: $0.recipients) }
        #expect(maximumInWindow(counted, window: simulation.rule.window - CreditRule.clockTolerance) <= 50)
        #expect(simulation.scheduler.held == 50)
    }

    @Test("Alone on its share it asks for few credits, whatever waits in it")
    func modest() throws {
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: [SchedulerTests.backlog(1, lane: 1, rows: 5000)],
            latency: 55 * .millisecond...55 * .millisecond,
            ceilings: [1: 2],
            seed: 4
        )
        simulation.run(until: simulation.now + 10 * .second)
        let wanted = simulation.scheduler.reports(now: simulation.now).first { $0.share == 1 }?.wanted
        #expect(try #require(wanted) <= 5)
        #expect((17...23).contains(simulation.sends.count))
    }

    @Test("When the ceiling is taken away, it goes on at once; a new one binds at once")
    func changes() {
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: [SchedulerTests.backlog(1, lane: 1, rows: 5000)],
            latency: 20 * .millisecond...20 * .millisecond,
            ceilings: [1: 1],
            seed: 9
        )
        simulation.run(until: simulation.now + 5 * .second)
        #expect(simulation.sends.count <= 6)
        simulation.setCeilings([:])
        let freed = simulation.now
        simulation.run(until: freed + 4 * .second)
        #expect(simulation.sends.count { $0.startedAt >= freed } >= 180)
        simulation.setCeilings([1: 1])
        let bound = simulation.now
        simulation.run(until: bound + 5 * .second)
        // What was claimed before is still sent.
        #expect(simulation.sends.count { $0.startedAt >= bound + 100 * .millisecond } <= 6)
    }

    @Test("A call with several recipients counts them all")
    func wide() {
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: [
                SchedulerTests.backlog(1, lane: 1, rows: 100, recipients: 5),
                SchedulerTests.backlog(1, lane: 2, rows: 3000),
            ],
            latency: 20 * .millisecond...20 * .millisecond,
            ceilings: [1: 1],
            seed: 13
        )
        simulation.run(until: simulation.now + 30 * .second)
        let recipients = Self.starts(simulation, lane: 1).reduce(0) { $0 + $1.recipients }
        #expect((20...35).contains(recipients))
    }

    @Test("What goes back unsent leaves its turn to the next")
    func released() throws {
        let rule = CreditRule(quota: 10)
        var scheduler = AccountScheduler(rule: rule)
        let start = MonotonicTime(nanoseconds: 5 * .second)
        scheduler.setCeilings([1: 1])
        scheduler.grant([1: 10], version: 1, rule: rule, now: start)
        let queue = LaneQueue(lane: 1, priority: .normal)
        scheduler.note(queue, rows: .all(100), share: 1, weight: 1, now: start)
        let requests = scheduler.plan(now: start, limit: 100)
        let claimed = scheduler.claimed(
            try #require(requests.first),
            ClaimAnswer(recipients: [1]),
            now: start
        )
        scheduler.release(try #require(claimed.first))
        // At the share's next slot, and not after a rest.
        let again = scheduler.plan(now: start + 110 * .millisecond, limit: 100)
        #expect(again.map(\.credits) == [1])
    }

    @Test("A lane that is held while a wide row of it is looked for gets no credits for it")
    func heldMeanwhile() throws {
        let rule = CreditRule(quota: 10)
        var scheduler = AccountScheduler(rule: rule)
        let start = MonotonicTime(nanoseconds: 5 * .second)
        scheduler.grant([1: 10], version: 1, rule: rule, now: start)
        let queue = LaneQueue(lane: 1, priority: .normal)
        scheduler.note(queue, rows: .all(100), share: 1, weight: 1, now: start)
        let requests = scheduler.plan(now: start, limit: 100)
        let request = try #require(requests.first)
        scheduler.remove(lane: 1, share: 1)
        _ = scheduler.claimed(request, ClaimAnswer(recipients: [], blockedBy: 5), now: start)
        let later = scheduler.plan(now: start + 2 * .second, limit: 100)
        #expect(later.isEmpty)
        #expect(scheduler.nextPlan(now: start + 2 * .second) == nil)
    }

    @Test("Nothing is planned in vain while every lane with backlog rests")
    func sleeps() throws {
        let rule = CreditRule(quota: 10)
        var scheduler = AccountScheduler(rule: rule)
        let start = MonotonicTime(nanoseconds: 5 * .second)
        scheduler.grant([1: 10], version: 1, rule: rule, now: start)
        scheduler.setCeilings([1: 1])
        let queue = LaneQueue(lane: 1, priority: .normal)
        scheduler.note(queue, rows: .all(100), share: 1, weight: 1, now: start)
        let requests = scheduler.plan(now: start, limit: 100)
        #expect(requests.map(\.credits) == [1])
        let request = try #require(requests.first)
        let first = scheduler.claimed(request, ClaimAnswer(recipients: [1]), now: start)
        let begun = scheduler.start(first, now: start)
        #expect(begun == nil)
        // The share's next slot has come.
        let soon = start + 110 * .millisecond
        let none = scheduler.plan(now: soon, limit: 100)
        #expect(none.isEmpty)
        let next = start + .second - AccountScheduler.lead
        #expect(scheduler.nextPlan(now: soon) == next)
        let again = scheduler.plan(now: next, limit: 100)
        #expect(again.map(\.credits) == [1])
        // Claimed ahead, it begins when its lane has rested.
        let second = scheduler.claimed(try #require(again.first), ClaimAnswer(recipients: [1]), now: next)
        let early = scheduler.start(second, now: next)
        #expect(early == start + .second)
        let late = scheduler.start(second, now: start + .second)
        #expect(late == nil)
    }
}
