import Capacity

/// A leader of a simulated world: the winner of the account's advisory lock, around the real `GrantPlanner`.
final class WorldLeader {
    let process: WorldProcess
    let world: World
    let epoch: Int64
    private var planner = GrantPlanner()
    private var isBusy = false
    private var isHinted = false
    private var lookedAt = MonotonicTime(nanoseconds: .min / 2)
    private var turn = 0
    private(set) var isDeposed = false
    private var releasedSince: [Worker: MonotonicTime] = [:]
    private var configured: ObjectIdentifier?

    init(process: WorldProcess, epoch: Int64) {
        self.process = process
        self.epoch = epoch
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
            bury(sheet.released)
            planner.setQuota(sheet.quota)
            planner.note(throttles: sheet.throttles, now: process.now)
            let started = world.clock()
            let plan = planner.plan(sheet.rows, workers: sheet.workers, now: process.now)
            world.leaderTime += world.clock() - started
            guard let plan else { return done(.idle) }
            if plan.isEmpty, CreditRule(quota: world.database.rate ?? 0) == plan.rule { return done(plan) }
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
            let plan = planner.plan(sheet.rows, workers: sheet.workers, now: process.now)
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
        guard world.database.epoch == epoch || world.options.bugs.leadersDoNotLock else { return (0, nil) }
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
        guard let plan else { return false }
        return world.write(plan)
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
