import Capacity

/// A simulated world: processes with clocks of their own, one database, one SES account, and what is checked of them.
///
/// Deterministic: everything random comes from one generator, and nothing depends on the order of a dictionary.
final class World {
    let options: WorldOptions
    private(set) var now: Int64 = 0
    private var events = EventQueue()
    private var generator: SeededGenerator
    var database: WorldDatabase
    var isDatabaseDown = false
    var configuration: WorldConfiguration
    var processes: [WorldProcess] = []
    var lives: [WorldLife] = []
    var refused = 0
    /// Of a thousand calls, now.
    var refusals = 0
    var longestCall: Int64 = 0
    var sends = SendLog()
    var sendsByShare: [Int32: SendLog] = [:]
    /// The paths' numbers from a share up to the account, by share.
    var ancestors: [Int32: [Int32]] = [:]
    /// What was found wrong.
    private(set) var findings: [String] = []
    var lastPlan: GrantPlan?
    var clock: () -> Double = { 0 }
    var leaderTime = 0.0

    init(seed: UInt64, quota: Double, configuration: WorldConfiguration, options: WorldOptions) {
        self.options = options
        self.configuration = configuration
        generator = SeededGenerator(seed: seed)
        database = WorldDatabase(quota: quota)
        takeOver(configuration)
    }

    // MARK: Time and chance

    func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
    func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    func chance(_ percent: Int) -> Bool { random(0...99) < percent }

    func delay() -> Int64 {
        let slow = options.slowStatements > 0 && random(0...999) < options.slowStatements
        return random(options.databaseDelay) + (slow ? random(0...400 * .millisecond) : 0)
    }

    func after(_ span: Int64, _ body: @escaping () -> Void) { events.push(at: now + max(0, span), body) }

    func afterForProcess(_ span: Int64, _ process: WorldProcess, _ body: @escaping () -> Void) {
        after(span) { process.perform(body) }
    }

    func run(until end: Int64) {
        while let next = events.next, next <= end, let (at, body) = events.pop() {
            now = at
            body()
        }
        now = end
    }

    func run(for span: Int64) { run(until: now + span) }

    func find(_ problem: String) {
        if findings.count < 20 { findings.append("\(Double(now) / 1e9) s: \(problem)") }
    }

    // MARK: Processes

    @discardableResult
    func join(_ name: String) -> WorldProcess {
        let process = WorldProcess(world: self, number: processes.count, name: name)
        processes.append(process)
        process.start()
        elect()
        return process
    }

    func kill(_ process: WorldProcess) {
        guard process.state != .dead else { return }
        process.state = .dead
        for life in lives where life.process === process && !life.isOver { life.resetAll() }
        process.leader?.depose()
        if database.holder == process.number { freeLeadership() }
    }

    /// A clean stop: credits are moved away first, calls end, then the lease is released.
    func leave(_ process: WorldProcess) {
        guard !process.isLeaving, process.state == .running, let life = process.life else { return }
        process.isLeaving = true
        process.ask(
            { [self] in
                database.workers[life.worker]?.isDraining = true
                hintLeader()
                return true
            },
            reply: { (_: Bool?) in }
        )
        func wait(_ left: Int) {
            process.after(50 * .millisecond) { [self] in
                if life.isOver { return kill(process) }
                if left > 0, life.scheduler.held > 0 { return wait(left - 1) }
                life.hasStopped = true
                finish()
            }
        }
        func finish() {
            process.after(50 * .millisecond) { [self] in
                guard life.calls.isEmpty, !life.isClaiming else { return finish() }
                process.ask(
                    { [self] in
                        life.putPendingBack(life.pending.keys.sorted())
                        if database.leases[life.worker]?.state == .live {
                            database.leases[life.worker]?.state = .released
                        }
                        hintLeader()
                        return true
                    },
                    reply: { (_: Bool?) in }
                )
                life.end()
                process.leader?.depose()
                if database.holder == process.number { freeLeadership() }
                process.after(2 * .second) { [self] in kill(process) }
            }
        }
        wait(60)
    }

    /// A transaction that ends a life: what it had claimed goes back, its grants are free.
    func retire(_ worker: Worker, counter: Int64) -> Bool {
        guard let lease = database.leases[worker], lease.state == .live, lease.counter == counter else { return false }
        database.leases[worker]?.state = .retired
        for life in lives where life.worker == worker {
            life.putPendingBack(life.pending.keys.sorted())
            if database.holder == life.process.number { freeLeadership() }
        }
        if options.checksRows { checkCold(worker) }
        database.remove(worker)
        hintLeader()
        return true
    }

    // MARK: Failover

    /// The server dies, and a standby takes over that lacks what was committed in the last `loss`.
    func failOver(losing loss: Int64, downFor span: Int64) {
        let replica = database.replica
        let timeline = database.timeline
        after(loss) { [self] in
            guard database.timeline == timeline, !isDatabaseDown else { return }
            isDatabaseDown = true
            database.failOver(to: replica)
            after(span) { [self] in
                isDatabaseDown = false
                elect()
            }
        }
    }

    // MARK: Leadership

    func freeLeadership() {
        database.holder = nil
        elect()
    }

    private func elect() {
        after(random(5...150) * .millisecond) { [self] in
            guard database.holder == nil else { return }
            let able = processes.filter { $0.state == .running && !$0.isCut && !$0.isLeaving }
            guard !isDatabaseDown, !able.isEmpty else { return elect() }
            let winner = able[random(0...able.count - 1)]
            database.holder = winner.number
            claimEpoch(winner)
        }
    }

    /// The winner raises the epoch, which needs the row's lock like every other change.
    private func claimEpoch(_ winner: WorldProcess) {
        winner.ask({ [self] in
            guard database.holder == winner.number else { return 0 }
            guard database.lock == nil || options.bugs.leadersDoNotLock else { return -1 }
            database.epoch = max(database.epoch, options.bugs.ignoresTimelines ? 0 : database.floor) + 1
            return database.epoch
        }) { [self] (epoch: Int64?) in
            guard let epoch, epoch >= 0 else {
                return winner.after(50 * .millisecond) { [self] in
                    if database.holder == winner.number { claimEpoch(winner) }
                }
            }
            guard epoch > 0 else { return }
            if !options.bugs.leadersDoNotLock { winner.leader?.depose() }
            winner.leader = WorldLeader(process: winner, epoch: epoch, timeline: database.timeline)
            winner.leader?.start()
        }
    }

    func hintLeader() {
        guard let holder = database.holder, random(0...999) >= options.lostHints else { return }
        let process = processes[holder]
        after(delay()) { process.perform { process.leader?.hint() } }
    }

    // MARK: Grants

    func write(_ plan: GrantPlan) -> Bool {
        let before = database.held
        guard let workers = database.write(plan, rate: plan.rate) else { return false }
        allow(plan.rule)
        if database.held > max(before, plan.rule.credits) || database.held > before && database.held > plan.rule.credits
        {
            find("I2: a leader raised the sum of held to \(database.held) of \(plan.rule.credits)")
        }
        for life in lives where !life.isOver && workers.contains(life.worker) && random(0...999) >= options.lostHints {
            afterForProcess(delay(), life.process) { life.read() }
        }
        return true
    }

    private func allow(_ rule: CreditRule) {
        sends.allow(rule.credits, window: rule.window - CreditRule.clockTolerance, from: now)
    }

    func apply(_ reports: [GrantReport], of worker: Worker) -> Bool {
        if database.apply(reports, of: worker, ignoresVersions: options.bugs.takesStaleReports) { hintLeader() }
        for life in lives where life.worker == worker { checkRows(of: life) }
        return true
    }

    func planned(_ plan: GrantPlan) { lastPlan = plan }

    // MARK: Configuration and arrivals

    /// An administrator's change: in force at once for new plans, known to the processes a little later.
    func configure(_ next: WorldConfiguration) {
        configuration = next
        for process in processes {
            afterForProcess(random(1...300) * .millisecond, process) { [self] in
                // Whoever learns of several at once has the latest.
                process.configuration = configuration
                process.leader?.configure()
                process.life?.read()
                takeOver(configuration)
            }
        }
    }

    /// SES or an administrator changes the quota; what ceilings and the account's own rate are follows from it.
    func setQuota(_ quota: Double) {
        database.quota = quota
        hintLeader()
        configure(
            WorldConfiguration(
                credits: CreditRule(quota: quota).credits,
                shares: configuration.shares,
                numbers: configuration.numbers,
                queues: configuration.queues
            )
        )
        takeOver(configuration)
    }

    private func takeOver(_ next: WorldConfiguration) {
        guard options.checksShares else { return }
        for (path, number) in next.numbers.sorted(by: { $0.key < $1.key }) {
            if ancestors[number] == nil {
                var line: [Int32] = []
                var names = path.split(separator: "/")
                while !names.isEmpty {
                    if let above = next.numbers[names.joined(separator: "/")] { line.append(above) }
                    names.removeLast()
                }
                ancestors[number] = line
            }
            if let ceiling = next.ceilings[number] {
                sendsByShare[number, default: SendLog()].allow(ceiling, from: now)
            }
        }
    }

    /// Rows come in; whoever serves the share hears of it.
    func accept(_ count: Int, width: Int = 1, into queue: WorldConfiguration.Queue) {
        database.insert(count, width: width, into: queue.queue)
        for process in processes {
            guard let life = process.life, life.scheduler.serves(queue.share), random(0...999) >= options.lostHints
            else { continue }
            afterForProcess(delay(), process) {
                life.note(queue, rows: .more(count * width))
                life.wake()
            }
        }
    }
}
