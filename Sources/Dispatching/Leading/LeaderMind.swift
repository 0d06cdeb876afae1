import Capacity
import Directory
import Postgres
import Synchronization

/// What a leader knows and decides by; made anew with every term, because everything that must survive is in the tables.
final class LeaderMind: Sendable {
    fileprivate struct State {
        var planner = GrantPlanner()
        /// Nil until the ledger was read, and again when it is not known what was written.
        var loans: LoanBook?
        /// Workers whose lives are over, since when this leader knows it. Their credits may still be warm.
        var gone: [Worker: MonotonicTime] = [:]
        var configuredVersion: Int64?
        var isAuto = false
        var hasResumed = false
        var waitsUntil: ContinuousClock.Instant?
    }

    private let origin: ContinuousClock.Instant
    private let timing: LeaseTiming
    private let timeline: TimelineSight
    private let state = Mutex(State())

    init(origin: ContinuousClock.Instant, timing: LeaseTiming, timeline: TimelineSight) {
        self.origin = origin
        self.timing = timing
        self.timeline = timeline
    }

    private var now: MonotonicTime { MonotonicTime(.now, since: origin) }

    /// Takes over the account as the directory has it.
    func configure(_ account: Account, lanes: some Sequence<Lane>, version: Int64) {
        state.withLock { state in
            guard state.configuredVersion != version else { return }
            state.configuredVersion = version
            state.isAuto = account.quota == .auto
            if case .fixed(let rate, _, _) = account.quota { state.planner.setQuota(rate) }
            let served = Set(lanes.lazy.filter { $0.accountID == account.id }.map(\.shareID))
            state.planner.configure(account.shares, numbers: account.shareIDs, served: served)
        }
    }

    /// Takes what SES says, unless the account is configured with a quota of its own by now.
    func setQuota(asked rate: Double) {
        state.withLock { if $0.isAuto { $0.planner.setQuota(rate) } }
    }

    var knowsQuota: Bool { state.withLock { $0.planner.fullQuota != nil } }

    /// Until when nothing is granted, after a failover; nil as soon as that has passed, even when nobody has decided since.
    var waitsUntil: ContinuousClock.Instant? { state.withLock(\.waitsUntil).flatMap { $0 > .now ? $0 : nil } }

    /// What is to be written in view of `sight`, and whether to look again soon; nil while the quota or the ledger is not
    /// known, and after a failover until nothing is warm any more that the tables may not know of.
    func decide(on sight: GrantStore.Sight) -> (writing: GrantStore.Writing, isWorthIt: Bool)? {
        let now = now
        return state.withLock { state in
            state.planner.note(
                throttles: Dictionary(uniqueKeysWithValues: sight.workers.map { ($0.worker, $0.throttled) }),
                now: now
            )
            if !state.hasResumed, let quota = state.planner.fullQuota {
                state.hasResumed = true
                // Only a cut of the same quota; another one is another matter.
                if let rate = sight.rate, sight.quota == quota { state.planner.resume(rate: rate, now: now) }
            }
            let isInOrder = sight.timeline == timeline.number
            let lives = isInOrder ? sight.workers : sight.workers.filter { !isPast($0.worker) }
            guard let plan = state.planner.plan(sight.rows, workers: Self.eligible(lives), now: now),
                let quota = state.planner.fullQuota, var loans = state.loans
            else { return nil }
            guard isInOrder || hasCooled(window: plan.rule.window, &state) else { return nil }
            let changes = loans.settle(plan.figures)
            var buried = state.bury(sight.workers, window: plan.rule.window, margin: timing.margin, now: now)
            if !isInOrder { buried += sight.workers.map(\.worker).filter { isPast($0) && !buried.contains($0) } }
            let writing = GrantStore.Writing(plan: plan, quota: quota, loans: changes, buried: buried)
            let isNews =
                !plan.isEmpty || !changes.isEmpty || !buried.isEmpty || sight.quota != quota || !isInOrder
            // A cut quota creeps back: only whole credits are worth a write.
            let isOtherRate = sight.rate.map { CreditRule(quota: $0) != plan.rule } ?? true
            return (writing, isNews || isOtherRate)
        }
    }

    /// Whether a life belongs to a timeline before this term's.
    private func isPast(_ life: Worker) -> Bool { life.epoch <= Timeline.floor(timeline.number) }

    /// The first leader on a timeline waits: what its predecessors granted last may be missing in the tables, and those who
    /// have it use it until they notice, or until their leases run out. Both happen within the time after which a dead
    /// node's credits are cold, counted from a moment at which the old server was gone.
    private func hasCooled(window: Nanoseconds, _ state: inout State) -> Bool {
        let end = timeline.seenAt + timing.death(window: .nanoseconds(max(window, CreditRule(quota: 1).window)))
        state.waitsUntil = ContinuousClock.now < end ? end : nil
        return state.waitsUntil == nil
    }

    /// The loans were written.
    func wrote(_ loans: LoanBook.Changes) {
        state.withLock { $0.loans?.apply(loans) }
    }

    var loans: LoanBook? {
        get { state.withLock { $0.loans } }
        set { state.withLock { $0.loans = newValue } }
    }

    /// Workers that live, stay, and can send; those that cannot just now only when nobody can.
    private static func eligible(_ workers: [GrantStore.WorkerState]) -> [Worker] {
        let staying = workers.filter { $0.lease == "live" && !$0.isDraining }
        let sending = staying.filter { !$0.isParked }
        return (sending.isEmpty ? staying : sending).map(\.worker)
    }
}

extension LeaderMind.State {
    /// Workers whose last credit is cold by now: that gave their lease back W and the margin ago, or that were retired,
    /// which is a window of one second after their last use at the earliest.
    fileprivate mutating func bury(
        _ workers: [GrantStore.WorkerState],
        window: Nanoseconds,
        margin: Duration,
        now: MonotonicTime
    ) -> [Worker] {
        let over = workers.filter { $0.lease != "live" }
        gone = gone.filter { entry in over.contains { $0.worker == entry.key } }
        return over.compactMap { worker in
            let since = gone[worker.worker] ?? now
            gone[worker.worker] = since
            let bound =
                worker.lease == "retired"
                ? max(0, window - CreditRule(quota: 1).window) : window + margin.nanoseconds
            return now - since >= bound ? worker.worker : nil
        }
    }
}
