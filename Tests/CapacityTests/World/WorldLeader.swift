import Capacity

/// A leader of a simulated world: the winner of the account's advisory lock, around the real `GrantPlanner`.
final class WorldLeader {
    let process: WorldProcess
    let world: World
    let epoch: Int64
    /// Of the database in this term.
    let timeline: Int64
    private var planner = GrantPlanner()
    private var isBusy = false
    private var isHinted = false
    private var lookedAt = MonotonicTime(nanoseconds: .min / 2)
    private var turn = 0
    private(set) var isDeposed = false
    private var releasedSince: [Worker: MonotonicTime] = [:]
    private var configured: ObjectIdentifier?

    init(process: WorldProcess, epoch: Int64, timeline: Int64) {
        self.process = process
        self.epoch = epoch
        self.timeline = timeline
        world = process.world
    }

    func start() {
        configure()
        look()
    }

    func configure() {
        let configuration = process.configuration
        planner.configure(configuration.shares, numbers: configuration.numbers, served: configuration.served)
        hint()
    }

    func hint() {
        isHinted = true
        next(20 * .millisecond)
    }

    func depose() { isDeposed = true }

    /// Looks again after so long, but for what was hinted in between.
    private func next(_ span: Nanoseconds) {
        guard !isBusy else { return }
        turn += 1
        let mine = turn
        let at = isHinted ? lookedAt + 20 * .millisecond : lookedAt + span
        process.at(max(process.now, at)) { [self] in if turn == mine { look() } }
    }

    private func look() {
        guard !isDeposed, !isBusy else { return }
        isBusy = true
        isHinted = false
        lookedAt = process.now
        process.ask({ [self] in world.database.sheet }) { [self] sheet in
            guard let sheet else { return done(.idle) }
            guard isInOrder(sheet) || hasCooled else { return done(.moving) }
            bury(sheet.released)
            let isNew = planner.fullQuota == nil
            planner.setQuota(sheet.quota)
            if isNew, let rate = sheet.rate { planner.resume(rate: rate, now: process.now) }
            planner.note(throttles: sheet.throttles, now: process.now)
            let started = world.clock()
            let plan = planner.plan(sheet.rows, workers: lives(sheet), now: process.now)
            world.leaderTime += world.clock() - started
            guard let plan else { return done(.idle) }
            if isInOrder(sheet), plan.isEmpty, CreditRule(quota: world.database.rate ?? 0) == plan.rule {
                return done(plan)
            }
            transact()
        }
    }

    private enum Pace { case idle, moving }

    private func done(_ pace: Pace) {
        isBusy = false
        next(pace == .idle ? 500 * .millisecond : 100 * .millisecond)
    }

    private func done(_ plan: GrantPlan) {
        world.planned(plan)
        done(plan.isMoving || plan.isRestless ? .moving : .idle)
    }

    /// Locks, reads, plans again, writes. Each half is a statement, so that everything may come in between.
    private func transact() {
        process.ask({ [self] in begin() }) { [self] answer in
            guard let (lock, sheet) = answer else { return done(.moving) }
            guard let sheet else {
                isDeposed = true
                return
            }
            planner.setQuota(sheet.quota)
            let started = world.clock()
            let plan = planner.plan(sheet.rows, workers: lives(sheet), now: process.now)
            world.leaderTime += world.clock() - started
            process.ask({ [self] in commit(plan, lock: lock) }) { [self] isWritten in
                guard isWritten == true, let plan else { return done(.moving) }
                done(plan)
            }
        }
    }

    /// The row is locked where the epoch is still this one; nil without an answer while another has it.
    private func begin() -> (lock: Int, sheet: WorldDatabase.Sheet?)? {
        if world.database.lock != nil, !world.options.bugs.leadersDoNotLock { return nil }
        let isMine = world.database.epoch == epoch && isOnItsTimeline
        guard isMine || world.options.bugs.leadersDoNotLock else { return (0, nil) }
        let lock = world.database.lockLeader()
        // A session that is silent inside a transaction is ended.
        world.after(2 * .second) { [world] in
            if world.database.lock == lock { world.database.lock = nil }
        }
        return (lock, world.database.sheet)
    }

    private func commit(_ plan: GrantPlan?, lock: Int) -> Bool {
        guard world.database.lock == lock || world.options.bugs.leadersDoNotLock else { return false }
        world.database.lock = nil
        guard let plan, isOnItsTimeline else { return false }
        guard world.write(plan) else { return false }
        if world.database.settledTimeline != timeline, !world.options.bugs.ignoresTimelines {
            world.database.settledTimeline = timeline
            for worker in world.database.workers.keys.sorted() where isPast(worker) {
                if !world.options.bugs.doesNotWaitAfterFailover { world.checkCold(worker) }
                world.database.remove(worker)
            }
            hint()
        }
        return true
    }

    // MARK: Failover

    private var isOnItsTimeline: Bool {
        world.database.timeline == timeline || world.options.bugs.ignoresTimelines
    }

    /// Whether nobody can have been granted what the tables do not know.
    private func isInOrder(_ sheet: WorldDatabase.Sheet) -> Bool {
        sheet.settledTimeline == timeline || world.options.bugs.ignoresTimelines
    }

    /// Whether all that was granted on the timelines before is cold.
    private var hasCooled: Bool {
        if world.options.bugs.doesNotWaitAfterFailover { return true }
        guard let seen = process.timeline, seen.number == timeline else { return false }
        let window = max(world.database.rule.window, CreditRule(quota: 1).window)
        return process.now - seen.seenAt >= 3 * .second + window + WorldLife.margin
    }

    private func isPast(_ worker: Worker) -> Bool { worker.epoch <= (timeline - 1) << 32 }

    private func lives(_ sheet: WorldDatabase.Sheet) -> [Worker] {
        isInOrder(sheet) ? sheet.workers : sheet.workers.filter { !isPast($0) }
    }

    /// Workers that released their lease: their credits are cold when W and the margin have passed since that was seen.
    private func bury(_ released: [Worker]) {
        for worker in released {
            let since = releasedSince[worker] ?? process.now
            releasedSince[worker] = since
            if process.now - since >= world.database.rule.window + WorldLife.margin {
                process.ask({ [self] in world.database.remove(worker) }, reply: { (_: Void?) in })
            }
        }
    }
}
