import Capacity
import Directory
import Mail
import Outbox
import Synchronization

/// The state that an account's claim loop and its calls share: the scheduler, the quota, and whether anything may go out.
final class AccountEngine: Sendable {
    fileprivate struct State {
        var scheduler: AccountScheduler
        var quota: EffectiveQuota?
        var shares: [Share] = []
        var tree: ShareTree?
        var shareIDs: [String: Int32] = [:]
        var lanes: [Int32: Lane] = [:]
        var parking = Parking()
        var isPaused = false
        var isStopping = false
        /// The park to be written for people to see has changed.
        var isUnsaved = true
        /// From when credits may be used.
        var usableAt: MonotonicTime
        var regrantedAt: MonotonicTime?
    }

    /// Rung by everything after which there may be something to claim.
    let bell = Doorbell()
    private let origin: ContinuousClock.Instant
    private let margin: Duration
    private let state: Mutex<State>

    /// - Parameters:
    ///   - origin: the zero of the node's monotonic times.
    ///   - usableAt: from when the account's credits may be used.
    ///   - margin: SES counts a request at most this long after its connection was reset.
    init(origin: ContinuousClock.Instant, usableAt: ContinuousClock.Instant, margin: Duration) {
        self.origin = origin
        self.margin = margin
        state = Mutex(
            State(
                scheduler: AccountScheduler(rule: CreditRule(quota: 1)),
                usableAt: MonotonicTime(usableAt, since: origin)
            )
        )
    }

    func time(_ instant: ContinuousClock.Instant) -> MonotonicTime { MonotonicTime(instant, since: origin) }

    func instant(_ time: MonotonicTime) -> ContinuousClock.Instant {
        origin + .nanoseconds(time.nanoseconds)
    }

    // MARK: What is configured

    /// Takes over the account's shares and lanes; called again whenever the directory changes.
    func configure(_ account: Account, lanes: some Sequence<Lane>) {
        let now = time(.now)
        state.withLock { state in
            if case .fixed(let rate, _, _) = account.quota { state.setQuota(rate) }
            state.isPaused = account.isPaused
            state.shares = account.shares
            state.shareIDs = account.shareIDs
            state.plant()
            let known = Dictionary(
                uniqueKeysWithValues: lanes.filter { $0.accountID == account.id }.map { ($0.id, $0) }
            )
            for lane in state.lanes.values where known[lane.id]?.shareID != lane.shareID {
                state.scheduler.remove(lane: lane.id, share: lane.shareID)
            }
            state.lanes = known
            state.regrant(now: now)
        }
        bell.ring()
    }

    /// Takes the quota that SES says, for an account that is configured with `auto`.
    ///
    /// The first time, credits are held back for a whole window: whoever led before knew the window, we did not.
    func setQuota(_ rate: Double) {
        let instant = ContinuousClock.now
        let now = time(instant)
        state.withLock { state in
            if state.quota == nil {
                let coolDown = Duration.nanoseconds(CreditRule(quota: rate).window) + margin
                state.usableAt = max(state.usableAt, time(instant + coolDown))
            }
            state.setQuota(rate)
            state.plant()
            state.regrant(now: now)
        }
        bell.ring()
    }

    // MARK: Claiming

    /// Notes signs of backlog; lanes of other accounts are passed over.
    func note(_ signs: some Sequence<QueueSign>) {
        let now = time(.now)
        let isNews = state.withLock { state in
            var isNews = false
            for sign in signs {
                guard let lane = state.lanes[sign.laneID] else { continue }
                state.scheduler.note(sign.queue, share: lane.shareID, weight: lane.weight, now: now)
                isNews = true
            }
            return isNews
        }
        if isNews { bell.ring() }
    }

    /// What to claim now; reserves its credits.
    func plan(limit: Int) -> (requests: [ClaimRequest], isProbe: Bool) {
        let instant = ContinuousClock.now
        let now = time(instant)
        return state.withLock { state in
            guard !state.isStopping, !state.isPaused else { return ([], false) }
            state.regrantIfReduced(now: now)
            let allowed = min(limit, state.parking.limit(now: instant))
            let requests = allowed > 0 ? state.scheduler.plan(now: now, limit: allowed) : []
            let isProbe = state.parking.reason != nil
            if isProbe, !requests.isEmpty { state.parking.probe() }
            return (requests, isProbe)
        }
    }

    /// When to plan again, unless the bell rings before.
    func nextPlan(atMost interval: Duration) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        return state.withLock { state in
            let latest = now + interval
            if state.isPaused || state.isStopping || state.parking.isWaitingForProbe { return latest }
            if let look = state.parking.nextLook(now: now) { return min(latest, look) }
            guard let next = state.scheduler.nextPlan(now: time(now)) else { return latest }
            return min(latest, instant(next))
        }
    }

    /// Takes a claim's answer; returns when each call may start.
    func claimed(_ request: ClaimRequest, _ answer: ClaimAnswer) -> [ContinuousClock.Instant] {
        let now = time(.now)
        return state.withLock { state in
            state.scheduler.claimed(request, answer, now: now)
        }.map(instant)
    }

    func abandoned(_ requests: [ClaimRequest], isProbe: Bool) {
        state.withLock { state in
            if isProbe { state.parking.probeEnded() }
            for request in requests { state.scheduler.abandoned(request) }
        }
    }

    // MARK: Calls

    /// Puts a call's credits on the wire, unless the account was parked or stopped meanwhile: then they are free again.
    func start(share: Int32, credits: Int, isProbe: Bool) -> Bool {
        state.withLock { state in
            guard !state.isStopping, !state.isPaused, isProbe || state.parking.reason == nil else {
                state.scheduler.release(share: share, credits: credits)
                if isProbe { state.parking.probeEnded() }
                return false
            }
            state.scheduler.start(share: share, credits: credits)
            return true
        }
    }

    /// A claimed call does not go out; its credits were not used.
    func release(share: Int32, credits: Int, isProbe: Bool) {
        state.withLock { state in
            if isProbe { state.parking.probeEnded() }
            state.scheduler.release(share: share, credits: credits)
        }
        bell.ring()
    }

    /// The probe found nothing to send.
    func probeFoundNothing() {
        state.withLock { $0.parking.probeEnded() }
    }

    /// A call has ended; its credits cool from `usedAt`, the last instant at which SES may have counted it.
    func ended(
        share: Int32,
        credits: Int,
        usedAt: ContinuousClock.Instant,
        effect: AccountEffect,
        isProbe: Bool
    ) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.scheduler.ended(share: share, credits: credits, usedAt: time(usedAt))
            state.apply(effect, now: now, time: time(now))
            if isProbe { state.parking.probeWasInconclusive(now: now) }
        }
        bell.ring()
    }

    /// Something was learned about the account outside of a call.
    func learn(_ effect: AccountEffect) {
        let now = ContinuousClock.now
        state.withLock { $0.apply(effect, now: now, time: time(now)) }
        bell.ring()
    }

    // MARK: Stopping and showing

    /// Whether anything can be granted yet.
    var knowsQuota: Bool { state.withLock { $0.quota != nil } }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    func stop() {
        state.withLock { $0.isStopping = true }
        bell.ring()
    }

    /// The park to write for people to see, if it has changed since the last time.
    func takeUnsavedPark() -> (reason: AccountPark?, detail: String)? {
        state.withLock { state in
            guard state.isUnsaved else { return nil }
            state.isUnsaved = false
            return (state.parking.reason, state.parking.detail)
        }
    }

    func parkNotSaved() {
        state.withLock { $0.isUnsaved = true }
    }
}

extension AccountEngine.State {
    mutating func setQuota(_ rate: Double) {
        if quota == nil { quota = EffectiveQuota(quota: rate) } else { quota?.setQuota(rate) }
    }

    /// Lays the shares out. A tree that no longer fits the quota keeps its own sum; the allocation then shrinks all
    /// shares in proportion.
    mutating func plant() {
        guard let quota = quota?.quota else { return }
        tree =
            (try? ShareTree(credits: CreditRule(quota: quota).credits, shares: shares))
            ?? (try? ShareTree(credits: nil, shares: shares))
    }

    /// Grants every share its credits. New ones may be used at once, but not before the account's may.
    mutating func regrant(now: MonotonicTime) {
        guard let tree, let rate = quota?.value(at: now) else { return }
        let rule = CreditRule(quota: rate)
        scheduler.grant(
            byShare(FixedAllocation.allocate(credits: rule.credits, tree: tree)),
            capacities: byShare(
                FixedAllocation.allocate(credits: CreditRule(quota: quota?.quota ?? rate).credits, tree: tree)
            ),
            rule: rule,
            now: now,
            usableAt: usableAt
        )
        regrantedAt = now
    }

    private func byShare(_ parts: [Int]) -> [Int32: Int] {
        var credits: [Int32: Int] = [:]
        for (node, part) in zip(tree?.nodes ?? [], parts) {
            if let id = shareIDs[node.path] { credits[id] = part }
        }
        return credits
    }

    /// While somebody else's sending has cut the quota, follows its recovery.
    mutating func regrantIfReduced(now: MonotonicTime) {
        guard quota?.isReduced == true, let last = regrantedAt, now - last >= 100 * .millisecond else { return }
        regrant(now: now)
    }

    mutating func apply(
        _ effect: AccountEffect,
        now: ContinuousClock.Instant,
        time: MonotonicTime
    ) {
        switch effect {
        case .none: break
        case .healthy: if parking.clear() { isUnsaved = true }
        case .throttled:
            quota?.throttled(at: time)
            regrant(now: time)
        case .park(let reason, let detail):
            if parking.park(reason, detail: detail, now: now) { isUnsaved = true }
        }
    }
}

extension MonotonicTime {
    init(_ instant: ContinuousClock.Instant, since origin: ContinuousClock.Instant) {
        let span = (instant - origin).components
        self.init(nanoseconds: span.seconds * .second + span.attoseconds / 1_000_000_000)
    }
}

extension QueueSign {
    fileprivate var queue: LaneQueue {
        LaneQueue(lane: laneID, priority: PriorityClass(rawValue: Int(priority.rawValue)) ?? .normal)
    }
}
