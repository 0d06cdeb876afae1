import Testing

@testable import Capacity

/// I12 in the scheduler: who comes late but is behind in the rotation does not wait for what others were promised.
@Suite("Overtaking what is claimed and has not begun")
struct OvertakingTests {
    private static let large: Int32 = 1000

    /// The time from arrival until SES counts small lanes' messages that come at random, sorted.
    private func delays(beside backlog: Int, latency: ClosedRange<Nanoseconds>, seed: UInt64) -> [Nanoseconds] {
        let lanes = 300
        var queues = (0..<lanes).map { SchedulerTests.backlog(1, lane: Int32($0), rows: 0) }
        queues.append(SchedulerTests.backlog(1, lane: Self.large, rows: backlog))
        var simulation = NodeSimulation(
            quota: 600,
            grants: [1: 600],
            queues: queues,
            latency: latency,
            rhythm: 10 * .millisecond,
            seed: seed
        )
        var generator = SeededGenerator(seed: seed)
        let start = simulation.now
        let arrivals = (0..<300 * 20)
            .map { _ in start + Nanoseconds.random(in: 0..<20 * .second, using: &generator) }
            .sorted()
        var came: [Int32: [MonotonicTime]] = [:]
        for at in arrivals {
            simulation.run(until: at)
            let lane = Int32.random(in: 0..<Int32(lanes), using: &generator)
            simulation.enqueue([1], into: LaneQueue(lane: lane, priority: .normal))
            came[lane, default: []].append(at)
        }
        simulation.run(until: start + 22 * .second)
        var left = came.mapValues { $0[...] }
        let delays = simulation.sends.filter { $0.lane != Self.large }
            .compactMap { send in left[send.lane]?.popFirst().map { send.countedAt - $0 } }
        #expect(delays.count == arrivals.count, "all are sent")
        let counts = simulation.sends.map { (at: $0.countedAt, recipients: $0.recipients) }
        #expect(maximumInWindow(counts, window: .second) <= 600)
        if backlog > 0 {
            let used = Double(simulation.sends.count { $0.startedAt >= start + 2 * .second }) / 20
            let mean = Double(latency.lowerBound + latency.upperBound) / 2 / Double(Nanoseconds.second)
            #expect(used >= 0.99 * 600 / (1 + mean), "I3: the large lane takes what the small ones leave")
        }
        return delays.sorted()
    }

    @Test("Small lanes' p99 beside a backlog is at most 1.2 times the quiet one", arguments: [1, 5, 55])
    func smallBesideLarge(latency: Nanoseconds) {
        let latency = latency * .millisecond...(latency + 3) * .millisecond
        func p99(_ backlog: Int) -> Nanoseconds {
            let delays = delays(beside: backlog, latency: latency, seed: 3)
            return delays[delays.count * 99 / 100]
        }
        let (loud, quiet) = (p99(20_000), p99(0))
        #expect(Double(loud) <= 1.2 * Double(quiet), "\(loud) ns, quiet \(quiet) ns")
    }

    /// A share of so many credits with one lane, in which rows have come at `now`.
    private func scheduler(_ credits: Int, rows: RowCount, now: MonotonicTime) -> AccountScheduler {
        let rule = CreditRule(quota: Double(credits))
        var scheduler = AccountScheduler(rule: rule)
        scheduler.grant([1: credits], version: 1, rule: rule, now: now - .second)
        scheduler.note(queue(1), rows: rows, share: 1, weight: 1, now: now)
        return scheduler
    }

    /// A share of a hundred credits with one lane that has a long backlog, planned at `now`.
    private func planned(_ now: MonotonicTime) -> (AccountScheduler, [Reservation]) {
        var scheduler = scheduler(100, rows: .all(100), now: now)
        let promised = claim(all: 1, &scheduler, now: now)
        return (scheduler, promised)
    }

    private func queue(_ lane: Int32) -> LaneQueue { LaneQueue(lane: lane, priority: .normal) }

    private func claim(all lane: Int32, _ scheduler: inout AccountScheduler, now: MonotonicTime) -> [Reservation] {
        scheduler.plan(now: now, limit: 100).flatMap { request in
            let rows = request.queue.lane == lane ? request.credits : 0
            return scheduler.claimed(request, ClaimAnswer(recipients: Array(repeating: 1, count: rows)), now: now)
        }
    }

    @Test("A late lane takes the next turn; the others move back by one, the last to the turn it brought")
    func turns() throws {
        let now = MonotonicTime(nanoseconds: 10 * .second)
        var (scheduler, promised) = planned(now)
        let times = promised.map(\.startsAt)
        try #require(times.count >= 3)
        #expect(times == times.sorted())
        // The first begins, so that the present is known.
        #expect(scheduler.start([promised[0]], now: times[0]) == nil)
        scheduler.note(queue(2), rows: .more(1), share: 1, weight: 1, now: times[0])
        let late = try #require(claim(all: 2, &scheduler, now: times[0]).first)
        #expect(late.startsAt <= times[0], "its credit is cold, and the pace of the others is not its own")
        for (index, reservation) in promised.enumerated().dropFirst() {
            let asked = scheduler.start([reservation], now: times[index] - 1)
            let next = index + 1 < times.count ? times[index + 1] : asked
            #expect(asked == next)
        }
        #expect(scheduler.start([late], now: times[0]) == nil)
        #expect(scheduler.start([promised[1]], now: times[1]) == times[2], "its turn was taken")
    }

    @Test("What goes back takes its turn along: no more calls begin than there are credits")
    func releases() throws {
        let now = MonotonicTime(nanoseconds: 10 * .second)
        for released in 0..<3 {
            var (scheduler, promised) = planned(now)
            try #require(promised.count >= 3)
            let last = try #require(promised.map(\.startsAt).max())
            scheduler.release(promised.remove(at: released))
            let before = scheduler.credits(of: 1)
            for reservation in promised { #expect(scheduler.start([reservation], now: last) == nil) }
            #expect(before?.inUse == promised.count)
            #expect(scheduler.credits(of: 1)?.inUse == promised.count)
            #expect(scheduler.held == 100, "I2")
        }
    }

    @Test("Calls that go together go when the last of them may")
    func together() throws {
        let now = MonotonicTime(nanoseconds: 10 * .second)
        var (scheduler, promised) = planned(now)
        try #require(promised.count >= 3)
        let last = try #require(promised.map(\.startsAt).max())
        #expect(scheduler.start(promised, now: last - 1) == last)
        #expect(scheduler.start(promised, now: last) == nil)
        #expect(scheduler.credits(of: 1)?.inUse == promised.count)
    }

    @Test("A lane whose rows were counted is not picked for more than it has")
    func counted() {
        let now = MonotonicTime(nanoseconds: 10 * .second)
        var scheduler = scheduler(1000, rows: .all(100), now: now)
        scheduler.note(queue(2), rows: .more(3), share: 1, weight: 1, now: now)
        let requests = scheduler.plan(now: now, limit: 100)
        #expect(requests.first { $0.queue.lane == 2 }?.credits == 3)
    }

    @Test("A queue that is longer than was counted is found out within a few claims")
    func undercounted() {
        var now = MonotonicTime(nanoseconds: 10 * .second)
        var scheduler = scheduler(1000, rows: .more(1), now: now)
        var sent = 0
        for _ in 0..<10 {
            now = now + 20 * .millisecond
            sent += claim(all: 1, &scheduler, now: now).count
        }
        #expect(sent > 90, "it doubles: 1, 1, 2, 4, ... as far as slots allow")
    }
}
