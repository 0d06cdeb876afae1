import Capacity
import Directory
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
    }

    private let origin: ContinuousClock.Instant
    private let margin: Duration
    private let state = Mutex(State())

    init(origin: ContinuousClock.Instant, margin: Duration) {
        self.origin = origin
        self.margin = margin
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

    /// What is to be written in view of `sight`, and whether to look again soon; nil while the quota or the ledger is not known.
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
            let workers = Self.eligible(sight.workers)
            guard let plan = state.planner.plan(sight.rows, workers: workers, now: now),
                let quota = state.planner.fullQuota, var loans = state.loans
            else { return nil }
            let changes = loans.settle(plan.figures)
            let buried = state.bury(sight.workers, window: plan.rule.window, margin: margin, now: now)
            let writing = GrantStore.Writing(plan: plan, quota: quota, loans: changes, buried: buried)
            let isNews = !plan.isEmpty || !changes.isEmpty || !buried.isEmpty || sight.quota != quota
            // A cut quota creeps back: only whole credits are worth a write.
            let isOtherRate = sight.rate.map { CreditRule(quota: $0) != plan.rule } ?? true
            return (writing, isNews || isOtherRate)
        }
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
