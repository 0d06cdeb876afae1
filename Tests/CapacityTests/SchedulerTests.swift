import Capacity
import Testing

@Suite("The scheduler of one node, simulated")
struct SchedulerTests {
    static let latencies: [ClosedRange<Nanoseconds>] = [
        0...0, 30 * .millisecond...80 * .millisecond, 1 * .millisecond...2500 * .millisecond,
    ]

    static func backlog(_ share: Int32, lane: Int32, rows: Int, weight: Int = 1, recipients: Int = 1)
        -> NodeSimulation.Queue
    {
        NodeSimulation.Queue(
            share: share,
            queue: LaneQueue(lane: lane, priority: .normal),
            weight: weight,
            rows: Array(repeating: recipients, count: rows)
        )
    }

    @Test("I1: no window holds more than the quota, nor a share more than its ceiling", arguments: 0..<60)
    func neverOverQuota(seed: UInt64) {
        var pick = SeededGenerator(seed: seed)
        let quota: Double = [0.5, 1, 3, 14, 50, 200].randomElement(using: &pick) ?? 1
        let rule = CreditRule(quota: quota)
        let first = rule.credits * 3 / 5
        let grants: [Int32: Int] = first > 0 ? [1: first, 2: rule.credits - first] : [2: rule.credits]
        var simulation = NodeSimulation(
            quota: quota,
            grants: grants,
            queues: [
                Self.backlog(1, lane: 1, rows: 4000),
                Self.backlog(2, lane: 2, rows: 1500),
                Self.backlog(2, lane: 3, rows: 600, recipients: max(1, min(5, (grants[2] ?? 1)))),
            ],
            latency: Self.latencies.randomElement(using: &pick) ?? 0...0,
            lostCallEvery: seed % 3 == 0 ? 40 : 0,
            seed: seed
        )
        simulation.run(until: simulation.now + 20 * .second)
        let all = simulation.sends.map { (at: $0.countedAt, recipients: $0.recipients) }
        #expect(!all.isEmpty)
        let window = rule.window - CreditRule.clockTolerance
        #expect(maximumInWindow(all, window: window) <= rule.credits, "seed \(seed), quota \(quota)")
        for (share, credits) in grants {
            let own = simulation.sends.filter { $0.share == share }.map {
                (at: $0.countedAt, recipients: $0.recipients)
            }
            #expect(maximumInWindow(own, window: window) <= credits, "seed \(seed), share \(share)")
        }
        #expect(simulation.scheduler.held == rule.credits, "I2: credits are conserved")
    }

    @Test("The scan does see an overrun: a credit that cools a little too short is caught")
    func scanCanFail() {
        let counts = (0..<20).map {
            (at: MonotonicTime(nanoseconds: Nanoseconds($0 / 10) * 999_999_999), recipients: 1)
        }
        #expect(maximumInWindow(counts, window: .second) == 20)
        #expect(maximumInWindow(counts, window: 999_999_999) == 10)
    }

    @Test("I3: with backlog, the quota is used to R/(1+latency)", arguments: [14.0, 50, 400])
    func utilisation(quota: Double) {
        let credits = CreditRule(quota: quota).credits
        var simulation = NodeSimulation(
            quota: quota,
            grants: [1: credits],
            queues: [Self.backlog(1, lane: 1, rows: Int(quota) * 30)],
            latency: 55 * .millisecond...55 * .millisecond,
            seed: 7
        )
        let warm = simulation.now + 5 * .second
        simulation.run(until: warm + 10 * .second)
        let sent = simulation.sends.filter { $0.startedAt >= warm }.count
        #expect(Double(sent) >= 0.99 * quota / 1.055 * 10)
    }

    @Test("Credits are spent at the share's pace, not in one burst")
    func paced() {
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: [Self.backlog(1, lane: 1, rows: 500)],
            latency: 20 * .millisecond...20 * .millisecond,
            seed: 3
        )
        simulation.run(until: simulation.now + 5 * .second)
        let starts = simulation.sends.map { (at: $0.startedAt, recipients: 1) }
        #expect(maximumInWindow(starts, window: 200 * .millisecond) <= 17)
    }

    @Test("I4: lanes of a share are served by weight, within one recipient")
    func lanesByWeight() {
        let weights = [1, 2, 7]
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: weights.enumerated().map {
                Self.backlog(1, lane: Int32($0.offset), rows: 2000, weight: $0.element)
            },
            latency: 40 * .millisecond...60 * .millisecond,
            seed: 11
        )
        simulation.run(until: simulation.now + 20 * .second)
        let total = simulation.sends.count
        for (lane, weight) in weights.enumerated() {
            let served = simulation.sends.count { $0.lane == Int32(lane) }
            #expect(abs(Double(served) - Double(total * weight) / 10) <= 2)
        }
    }

    @Test("Three hundred lanes on five credits are all served, equally")
    func manyLanes() {
        var simulation = NodeSimulation(
            quota: 5,
            grants: [1: 5],
            queues: (0..<300).map { Self.backlog(1, lane: $0, rows: 10) },
            latency: 50 * .millisecond...50 * .millisecond,
            seed: 5
        )
        simulation.run(until: simulation.now + 200 * .second)
        let served = (0..<300).map { lane in simulation.sends.count { $0.lane == lane } }
        #expect((served.max() ?? 0) - (served.min() ?? 0) <= 1)
    }

    @Test("Inside a lane the best class goes first and the lower ones keep their floor")
    func priorities() {
        let queues = PriorityClass.allCases.map {
            NodeSimulation.Queue(
                share: 1,
                queue: LaneQueue(lane: 1, priority: $0),
                weight: 1,
                rows: Array(repeating: 1, count: 2000)
            )
        }
        var simulation = NodeSimulation(
            quota: 50,
            grants: [1: 50],
            queues: queues,
            latency: 30 * .millisecond...30 * .millisecond,
            seed: 2
        )
        simulation.run(until: simulation.now + 20 * .second)
        let total = Double(simulation.sends.count)
        func part(_ priority: PriorityClass) -> Double {
            Double(simulation.sends.count { $0.priority == priority }) / total
        }
        #expect(abs(part(.high) - 0.8) < 0.02)
        #expect(abs(part(.normal) - 0.1) < 0.02)
        #expect(abs(part(.bulk) - 0.1) < 0.02)
    }

    @Test("A row with many recipients waits for as many credits and is not starved by single ones")
    func wideRows() {
        var simulation = NodeSimulation(
            quota: 20,
            grants: [1: 20],
            queues: [
                Self.backlog(1, lane: 1, rows: 2000),
                Self.backlog(1, lane: 2, rows: 20, recipients: 20),
            ],
            latency: 10 * .millisecond...10 * .millisecond,
            seed: 4
        )
        simulation.run(until: simulation.now + 60 * .second)
        // A turn of 20, one window for the other lane's 20, one to gather 20 free credits: one call in four windows.
        #expect(simulation.sends.count { $0.lane == 2 } >= 14)
        #expect(simulation.sends.count { $0.lane == 1 } > 300)
    }

    @Test("A row that can never get its credits is handed over to be refused, and the lane goes on")
    func oversizedRows() {
        var simulation = NodeSimulation(
            quota: 5,
            grants: [1: 5],
            queues: [
                NodeSimulation.Queue(
                    share: 1,
                    queue: LaneQueue(lane: 1, priority: .normal),
                    weight: 1,
                    rows: [1, 1, 50, 1]
                )
            ],
            latency: 10 * .millisecond...10 * .millisecond,
            seed: 4
        )
        simulation.run(until: simulation.now + 10 * .second)
        #expect(simulation.refused == 1)
        #expect(simulation.sends.count == 3)
    }

    @Test("I6: a lane that turns busy sends at once when credits are free")
    func startsAtOnce() throws {
        var simulation = NodeSimulation(
            quota: 10,
            grants: [1: 10],
            queues: [Self.backlog(1, lane: 1, rows: 0)],
            latency: 30 * .millisecond...30 * .millisecond,
            seed: 9
        )
        simulation.run(until: simulation.now + 10 * .second)
        let busy = simulation.now
        simulation.enqueue([1], into: LaneQueue(lane: 1, priority: .normal))
        simulation.run(until: busy + .second)
        let send = try #require(simulation.sends.first)
        #expect(send.startedAt - busy <= 100 * .millisecond)
    }

    @Test("Credits move between shares only as they cool, and are never in two of them", arguments: 0..<20)
    func changingGrants(seed: UInt64) {
        var simulation = NodeSimulation(
            quota: 30,
            grants: [1: 20, 2: 10],
            queues: [Self.backlog(1, lane: 1, rows: 5000), Self.backlog(2, lane: 2, rows: 5000)],
            latency: 5 * .millisecond...300 * .millisecond,
            seed: seed
        )
        let rule = CreditRule(quota: 30)
        simulation.run(until: simulation.now + 3 * .second)
        // In turn: 12 of the first share's credits go to the second, as they cool.
        let now = simulation.now
        simulation.scheduler.grant([1: 8, 2: 10], version: 2, rule: rule, now: now)
        var given = 0
        for step in 1...20 {
            simulation.run(until: now + Nanoseconds(step) * 100 * .millisecond)
            given = 20 - (simulation.scheduler.credits(of: 1).map(\.held) ?? 0)
            simulation.scheduler.grant(
                [1: 8, 2: 10 + given],
                version: Int64(2 + step),
                rule: rule,
                now: simulation.now
            )
            #expect(simulation.scheduler.held <= 30)
        }
        #expect(given == 12)
        #expect(simulation.scheduler.held == 30)
        #expect(simulation.scheduler.credits(of: 2)?.granted == 22)
        let lowered = simulation.now
        simulation.run(until: simulation.now + 5 * .second)
        let after = simulation.sends.filter { $0.startedAt >= lowered && $0.share == 1 }
        #expect(maximumInWindow(after.map { (at: $0.countedAt, recipients: 1) }, window: .second) <= 8)
        #expect(!after.isEmpty)
        let all = simulation.sends.map { (at: $0.countedAt, recipients: $0.recipients) }
        #expect(maximumInWindow(all, window: .second) <= 30, "a credit was in two shares, seed \(seed)")
    }

    @Test("A row that fits the share, but not what a cut has left of it, waits and is not refused")
    func cutBelowRow() {
        var simulation = NodeSimulation(
            quota: 20,
            grants: [1: 20],
            queues: [Self.backlog(1, lane: 1, rows: 3, recipients: 15)],
            latency: 10 * .millisecond...10 * .millisecond,
            seed: 1
        )
        let now = simulation.now
        let cut = CreditRule(quota: 10)
        simulation.scheduler.grant([1: 10], guarantees: [1: 20], version: 2, rule: cut, now: now)
        simulation.run(until: now + 10 * .second)
        #expect(simulation.refused == 0)
        let whole = CreditRule(quota: 20)
        simulation.scheduler.grant([1: 20], version: 3, rule: whole, now: simulation.now)
        simulation.enqueue([], into: LaneQueue(lane: 1, priority: .normal))
        simulation.run(until: simulation.now + 10 * .second)
        #expect(simulation.refused == 0)
        #expect(simulation.sends.count == 3)
    }

    @Test("While a cut leaves too few credits for a wide row, the other lanes go on; then it has its turn")
    func cutBelowRowOfOneLane() {
        var simulation = NodeSimulation(
            quota: 20,
            grants: [1: 20],
            queues: [Self.backlog(1, lane: 1, rows: 3, recipients: 15), Self.backlog(1, lane: 2, rows: 2000)],
            latency: 10 * .millisecond...10 * .millisecond,
            seed: 1
        )
        simulation.scheduler.grant(
            [1: 10],
            guarantees: [1: 20],
            version: 2,
            rule: CreditRule(quota: 20),
            now: simulation.now
        )
        simulation.run(until: simulation.now + 10 * .second)
        #expect(simulation.sends.count { $0.lane == 1 } == 0)
        #expect(simulation.sends.count { $0.lane == 2 } > 80)
        simulation.scheduler.grant([1: 20], version: 3, rule: CreditRule(quota: 20), now: simulation.now)
        simulation.enqueue([], into: LaneQueue(lane: 1, priority: .normal))
        simulation.run(until: simulation.now + 20 * .second)
        #expect(simulation.sends.count { $0.lane == 1 } == 3)
        #expect(simulation.refused == 0)
    }

    @Test("A share that is gone from the configuration refuses no row for its width")
    func gone() {
        var scheduler = AccountScheduler(rule: CreditRule(quota: 20))
        let now = MonotonicTime(nanoseconds: 5 * .second)
        scheduler.grant([1: 5], version: 1, rule: CreditRule(quota: 20), now: now)
        let queue = LaneQueue(lane: 1, priority: .normal)
        scheduler.note(queue, rows: .all(1), share: 1, weight: 1, now: now)
        let requests = scheduler.plan(now: now + .second, limit: 10)
        for request in requests {
            _ = scheduler.claimed(request, ClaimAnswer(recipients: [], blockedBy: 9), now: now + .second)
        }
        #expect(!requests.isEmpty)
        scheduler.grant([1: 0], guarantees: [:], version: 2, rule: CreditRule(quota: 20), now: now + .second)
        #expect(scheduler.plan(now: now + 2 * .second, limit: 10).allSatisfy { !$0.takesOversized })
    }

    @Test("A lane that was removed and comes back is served as often as another")
    func removedLane() {
        var simulation = NodeSimulation(
            quota: 10,
            grants: [1: 10],
            queues: [Self.backlog(1, lane: 1, rows: 500), Self.backlog(1, lane: 2, rows: 500)],
            latency: 10 * .millisecond...10 * .millisecond,
            seed: 1
        )
        for _ in 0..<3 {
            simulation.scheduler.remove(lane: 1, share: 1)
            simulation.enqueue([], into: LaneQueue(lane: 1, priority: .normal))
        }
        simulation.run(until: simulation.now + 20 * .second)
        let served = [1, 2].map { lane in simulation.sends.count { $0.lane == lane } }
        #expect(abs(served[0] - served[1]) <= 2)
    }

    @Test("A report that arrived late is found, and told anew")
    func lateReport() {
        let rule = CreditRule(quota: 10)
        var scheduler = AccountScheduler(rule: rule)
        var now = MonotonicTime(nanoseconds: 5 * .second)
        let worker = Worker(node: "a", epoch: 1)
        func row(wanted: Int) -> GrantRow {
            GrantRow(share: 1, worker: worker, granted: 0, held: 0, version: 1, wanted: wanted)
        }
        let limits = [Int32(1): ShareLimits(guarantee: 10, ceiling: 10)]
        scheduler.take([row(wanted: 0)], version: 1, limits: limits, rule: rule, now: now)
        scheduler.note(LaneQueue(lane: 1, priority: .normal), rows: .all(5), share: 1, weight: 1, now: now)
        let told = scheduler.reports(now: now)
        #expect(told.map(\.wanted) == [5])
        scheduler.reported(told)
        // The row says 0 again: an older report came after this one. One such reading may just be older.
        scheduler.take([row(wanted: 0)], version: 1, limits: limits, rule: rule, now: now)
        #expect(scheduler.reports(now: now) == [])
        now = now + 500 * .millisecond
        scheduler.take([row(wanted: 0)], version: 1, limits: limits, rule: rule, now: now)
        #expect(scheduler.reports(now: now).map(\.wanted) == [5])
    }
}
