import Capacity

/// A world made up by a seed: shares, nodes, load and faults.
final class WorldScenario {
    let seed: UInt64
    let world: World
    private var pick: SeededGenerator
    private let quotas = [0.5, 1, 3, 14, 50, 100, 300, 1000, 2000]
    private(set) var quota: Double
    private var quiet = false
    private var names = 0

    init(seed: UInt64, bugs: WorldOptions.Bugs = .init(), slowStatements: Int = 20) {
        self.seed = seed
        pick = SeededGenerator(seed: seed &* 7919 &+ 13)
        var options = WorldOptions()
        options.bugs = bugs
        let kind = seed % 4
        options.slowStatements = kind == 0 ? 0 : slowStatements
        options.lostStatements = kind == 0 ? 0 : 20
        options.lostHints = kind == 0 ? 0 : 200
        options.lostAnswers = kind >= 2 ? 10 : 0
        options.latency =
            [0...0, 30 * .millisecond...80 * .millisecond, .millisecond...2500 * .millisecond][Int(seed / 4 % 3)]
        quota = quotas[Int(seed / 2 % 9)]
        let configuration = Self.configuration(quota: quota, using: &pick)
        world = World(seed: seed, quota: quota, configuration: configuration, options: options)
    }

    /// Shares that change from shape to shape, their numbers staying the same.
    static func configuration(quota: Double, using pick: inout SeededGenerator) -> WorldConfiguration {
        let credits = CreditRule(quota: quota).credits
        // The account keeps a credit, so that nothing stands still for want of a promise.
        var left = credits - 1
        var shares: [Share] = []
        var numbers: [String: Int32] = ["": 0]
        var queues: [WorldConfiguration.Queue] = []
        func serve(_ path: String, _ number: Int32, lanes: Int) {
            numbers[path] = number
            for lane in 0..<lanes {
                let queue = LaneQueue(lane: number * 10 + Int32(lane), priority: lane == 2 ? .bulk : .normal)
                queues.append(.init(share: number, queue: queue, weight: 1 + lane))
            }
        }
        let count = Int.random(in: 1...5, using: &pick)
        for index in 0..<count where Int.random(in: 0...4, using: &pick) > 0 || index == 0 {
            let rate = Int.random(in: 0...max(0, min(left, 2 * credits / count)), using: &pick)
            left -= rate
            let ceiling: Share.Ceiling =
                switch Int.random(in: 0...2, using: &pick) {
                case 0 where rate > 0: .rate
                case 1: .credits(max(1, rate, rate + (credits - rate) / 2))
                default: .parent
                }
            let number = Int32(index * 10 + 1)
            var children: [Share] = []
            if rate > 3, index % 2 == 1 {
                children = [
                    Share(name: "a", rate: rate / 2, ceiling: .parent), Share(name: "b", rate: rate / 4),
                    Share(name: "c", rate: 0, ceiling: .parent, weight: 3),
                ]
                for (place, child) in children.enumerated() {
                    serve("s\(index)/\(child.name)", number + Int32(place) + 1, lanes: 1 + place % 2)
                }
            }
            shares.append(
                Share(
                    name: "s\(index)",
                    rate: rate,
                    ceiling: ceiling,
                    weight: Int.random(in: 1...10, using: &pick),
                    lend: Int.random(in: 0...4, using: &pick) > 0,
                    children: children
                )
            )
            serve("s\(index)", number, lanes: children.isEmpty ? Int.random(in: 1...3, using: &pick) : 0)
        }
        // What comes for a share that is no more waits in the account's own lane.
        serve("", 0, lanes: 1)
        return WorldConfiguration(credits: credits, shares: shares, numbers: numbers, queues: queues)
    }

    /// Runs it to the end and says what was found wrong.
    func run(seconds: Int64 = 30) -> [String] {
        let nodes = 1 + Int(seed % 5)
        for node in 0..<nodes { world.join("n\(node)") }
        names = nodes
        load()
        if seed % 4 != 0 { faults() }
        changes()
        world.run(for: seconds * .second)
        quiet = true
        heal()
        drain()
        return world.check(settles: seed % 4 == 0 ? 800 * .millisecond : 8 * .second)
    }

    /// Until everything is sent, as long as something is.
    private func drain() {
        var last = (open: world.database.open, at: world.now)
        while world.database.open > 0, world.now - last.at < 60 * .second + 40 * world.database.rule.window {
            world.run(for: .second)
            adopt()
            if world.database.open != last.open { last = (world.database.open, world.now) }
        }
        for (queue, rows) in world.database.queues.sorted(by: { $0.key.lane < $1.key.lane }) where rows.count > 0 {
            world.find("lane \(queue.lane) \(queue.priority) stands still with \(rows.count) rows")
        }
    }

    private func heal() {
        world.isDatabaseDown = false
        world.refusals = 0
        world.setQuota(quota)
        for process in world.processes {
            process.isCut = false
            process.goOn()
        }
        if !world.processes.contains(where: { $0.state == .running && !$0.isLeaving }) { world.join("n0") }
        if world.database.holder == nil { world.freeLeadership() }
    }

    /// The rows of removed shares become the account's.
    private func adopt() {
        let served = world.configuration.served
        for (queue, rows) in world.database.queues.sorted(by: { $0.key.lane < $1.key.lane })
        where rows.count > 0 && !world.configuration.queues.contains(where: { $0.queue == queue }) {
            guard served.contains(0), let own = world.configuration.queues.first(where: { $0.share == 0 }) else {
                return
            }
            world.database.move(queue, to: own.queue)
        }
    }

    // MARK: Load

    private func load() {
        guard !quiet else { return }
        let queues = world.configuration.queues
        for queue in queues {
            let credits = Int(max(1, quota))
            switch Int.random(in: 0...5, using: &pick) {
            case 0: world.accept(Int.random(in: 1...max(1, credits / 2), using: &pick), into: queue)
            case 1: world.accept(Int.random(in: 1...3, using: &pick), into: queue)
            case 2:
                // Its own rows for a second or two.
                world.accept(max(1, 3 * credits / max(1, queues.count)), into: queue)
            case 3:
                let guarantee = world.configuration.limits[queue.share]?.guarantee ?? 0
                world.accept(1, width: min(50, max(1, guarantee / 2)), into: queue)
            default: break
            }
        }
        adopt()
        world.after(Int64.random(in: 100...2500, using: &pick) * .millisecond) { [self] in load() }
    }

    // MARK: Changes

    private func changes() {
        guard !quiet else { return }
        world.after(Int64.random(in: 2000...8000, using: &pick) * .millisecond) { [self] in
            guard !quiet else { return }
            switch Int.random(in: 0...5, using: &pick) {
            case 0, 1:
                world.setQuota(quotas[Int.random(in: 0..<quotas.count, using: &pick)])
            case 2:
                let next = Self.configuration(quota: quota, using: &pick)
                world.configure(next)
                world.setQuota(world.database.quota)
            case 3:
                names += 1
                world.join("n\(names)")
            case 4:
                let able = world.processes.filter { $0.state == .running && !$0.isLeaving }
                if able.count > 1 { world.leave(able[Int.random(in: 0..<able.count, using: &pick)]) }
            default:
                world.refusals = 100
                world.after(2 * .second) { [world] in world.refusals = 0 }
            }
            changes()
        }
    }

    // MARK: Faults

    private func faults() {
        guard !quiet else { return }
        world.after(Int64.random(in: 500...5000, using: &pick) * .millisecond) { [self] in
            guard !quiet else { return }
            fault()
            faults()
        }
    }

    private func fault() {
        let able = world.processes.filter { $0.state == .running && !$0.isLeaving }
        guard let victim = able.isEmpty ? nil : able[Int.random(in: 0..<able.count, using: &pick)] else { return }
        let span = Int64.random(in: 100...12_000, using: &pick) * .millisecond
        switch Int.random(in: 0...8, using: &pick) {
        case 0, 1:
            // Killed, and started anew under its name.
            world.kill(victim)
            world.after(span / 4) { [world] in world.join(victim.name) }
        case 2:
            victim.state = .paused
            world.after(span) { victim.goOn() }
        case 3, 4:
            victim.isCut = true
            world.after(span) { victim.isCut = false }
        case 5:
            // Another leads, and the old leader doesn't know.
            world.freeLeadership()
        case 6:
            world.failOver(losing: span / 6, downFor: span / 4)
        default:
            world.isDatabaseDown = true
            world.database.lock = nil
            world.after(span / 4) { [world] in
                world.isDatabaseDown = false
                world.freeLeadership()
            }
        }
    }
}

extension WorldDatabase {
    /// All rows of one queue go to the end of another.
    mutating func move(_ queue: LaneQueue, to other: LaneQueue) {
        guard let from = queues.removeValue(forKey: queue) else { return }
        queues[other, default: Queue()].rows += from.rows[from.head...]
    }
}
