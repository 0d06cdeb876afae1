import Capacity
import Directory
import Mail
import Outbox
import Synchronization

/// The state that an account's claim loop, its calls and its grants share on one worker: the scheduler, and whether anything
/// may go out. It lives as long as the worker's life: its credits are nobody else's until that is over.
final class AccountEngine: Sendable {
    /// After a call that SES refused for its rate, nothing is claimed for so long: the leader cuts the quota meanwhile.
    private static let throttlePause = Duration.milliseconds(100)

    /// Rung by everything after which there may be something to claim.
    let bell = Doorbell()
    /// Rung when more of the 24-hour quota is needed.
    let dailyBell = Doorbell()
    /// Which entries may share requests.
    let sharing = BulkSharing()
    private let bells: AccountBells
    private let origin: ContinuousClock.Instant
    /// The same instant since 1970.
    private let epoch: Nanoseconds
    private let state = Mutex(State())

    /// - Parameters:
    ///   - origin: the zero of the node's monotonic times.
    ///   - epoch: the same instant on the wall clock, since 1970; for people, and nothing is decided by it.
    ///   - bells: of those who wait for the account's news.
    init(origin: ContinuousClock.Instant, epoch: Nanoseconds, bells: AccountBells) {
        self.origin = origin
        self.epoch = epoch
        self.bells = bells
    }

    func time(_ instant: ContinuousClock.Instant) -> MonotonicTime { MonotonicTime(instant, since: origin) }

    func instant(_ time: MonotonicTime) -> ContinuousClock.Instant {
        origin + .nanoseconds(time.nanoseconds)
    }

    // MARK: What is configured and granted

    /// Takes over the account's shares and lanes; called again whenever the directory changes.
    func configure(_ account: Account, lanes: some Sequence<Lane>) {
        let known = Dictionary(uniqueKeysWithValues: lanes.filter { $0.accountID == account.id }.map { ($0.id, $0) })
        state.withLock { state in
            state.account = account
            state.isPaused = account.isPaused
            state.setLimits()
            state.scheduler.setLimits(state.limits)
            for lane in state.lanes.values where known[lane.id]?.shareID != lane.shareID {
                state.scheduler.remove(lane: lane.id, share: lane.shareID)
            }
            state.lanes = known
            state.holdAndSlow()
        }
        bell.ring()
    }

    /// Takes the worker's grants as they were read. Returns whether shares are served here that were not before.
    func take(_ reading: WorkerStore.Reading) -> Bool {
        let now = time(.now)
        let isPlacement = state.withLock { state in
            state.hasCompany = reading.hasCompany
            state.hasSuccessor = reading.hasSuccessor
            if state.quota != reading.quota {
                state.quota = reading.quota
                state.setLimits()
            }
            guard let rate = reading.rate else { return false }
            let new = state.scheduler.take(
                reading.rows,
                version: reading.version,
                limits: state.limits,
                rule: CreditRule(quota: rate),
                now: now
            )
            state.daily.setLimited(state.isDailyLimited, rate: state.scheduler.held)
            return !new.isEmpty
        }
        bell.ring()
        return isPlacement
    }

    /// Word has come that the grants have changed.
    func hintGrants() {
        state.withLock { $0.hasGrantHint = true }
        bells.workers.ring()
    }

    func takeGrantHint() -> Bool {
        state.withLock { state in
            defer { state.hasGrantHint = false }
            return state.hasGrantHint
        }
    }

    /// What the account's rows are to be told.
    func reports() -> [GrantReport] {
        let now = time(.now)
        return state.withLock { $0.scheduler.reports(now: now) }
    }

    func reported(_ reports: [GrantReport]) {
        state.withLock { $0.scheduler.reported(reports) }
    }

    /// Other workers of the account are known; one of them could take over.
    var hasCompany: Bool { state.withLock { $0.hasCompany } }
    var hasSuccessor: Bool { state.withLock { $0.hasSuccessor } }

    /// Credits are in use or rows wait: there may soon be something to report.
    var isBusy: Bool { state.withLock { $0.scheduler.isBusy } }

    /// Every credit of this worker, whatever its state.
    var held: Int { state.withLock { $0.scheduler.held } }

    var credits: [AccountScheduler.Credits] {
        let now = time(.now)
        return state.withLock { $0.scheduler.credits(at: now) }
    }

    /// Recipients whose calls began in a second of the node's wall clock, by share.
    func used(in second: Int64) -> [Int32: Int] { state.withLock { $0.starts.counts(of: second) } }

    /// Why nothing is sent just now; nil: it is.
    var park: AccountPark? { state.withLock { $0.parking.reason } }

    /// There is something of the 24-hour quota again, after we had found that there was nothing.
    func unparkDaily() {
        state.withLock { state in
            if state.parking.reason == .dailyQuota, state.parking.clear() { state.isUnsaved = true }
        }
    }

    func withDaily<Value: Sendable>(_ body: (inout DailyAllowance) -> Value) -> Value {
        state.withLock { body(&$0.daily) }
    }

    // MARK: Claiming

    /// Notes signs of backlog in the lanes that this worker serves; returns the others.
    func note(_ signs: some Sequence<QueueSign>) -> [QueueSign] {
        let now = time(.now)
        let (isNews, isHungry, isSpent, others) = state.withLock { state in
            var isNews = false
            var isHungry = false
            var others: [QueueSign] = []
            for sign in signs {
                guard let lane = state.lanes[sign.laneID], state.scheduler.serves(lane.shareID) else {
                    others.append(sign)
                    continue
                }
                if lane.isHeld { continue }
                state.scheduler.note(
                    sign.queue,
                    rows: sign.count,
                    share: lane.shareID,
                    weight: lane.weight,
                    now: now
                )
                isHungry = isHungry || state.scheduler.isHungry(lane.shareID)
                isNews = true
            }
            return (isNews, isHungry, isNews && state.daily.limit(now: .now) == 0, others)
        }
        if isNews { bell.ring() }
        if isSpent { dailyBell.ring() }
        // A share that has not enough for its rows asks for more at once.
        if isHungry { bells.workers.ring() }
        return others
    }

    /// Whether this worker sends what is in the lane.
    func serves(lane: Int32) -> Bool {
        state.withLock { state in state.lanes[lane].map { state.scheduler.serves($0.shareID) } ?? false }
    }

    /// What to claim now; reserves its credits.
    func plan(limit: Int) -> (requests: [ClaimRequest], isProbe: Bool) {
        let instant = ContinuousClock.now
        let now = time(instant)
        let plan: (requests: [ClaimRequest], isProbe: Bool) = state.withLock { state in
            guard !state.isStopping, !state.isPaused, state.resumesAt.map({ instant >= $0 }) ?? true else {
                return ([], false)
            }
            let allowed = min(limit, state.parking.limit(now: instant), state.daily.limit(now: instant))
            let requests = allowed > 0 ? state.scheduler.plan(now: now, limit: allowed) : []
            state.daily.spend(requests.reduce(0) { $0 + $1.credits })
            let isProbe = state.parking.reason != nil
            if isProbe, !requests.isEmpty { state.parking.probe() }
            return (requests, isProbe)
        }
        if !plan.requests.isEmpty, withDaily({ $0.needsMore(now: instant) }) { dailyBell.ring() }
        return plan
    }

    /// When to plan again, unless the bell rings before.
    func nextPlan(atMost interval: Duration) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        return state.withLock { state in
            let latest = now + interval
            if state.isPaused || state.isStopping || state.parking.isWaitingForProbe { return latest }
            if let look = state.parking.nextLook(now: now) { return min(latest, look) }
            if let resumesAt = state.resumesAt, resumesAt > now { return min(latest, resumesAt) }
            if state.daily.limit(now: now) == 0 { return latest }
            guard let next = state.scheduler.nextPlan(now: time(now)) else { return latest }
            return min(latest, instant(next))
        }
    }

    /// Rows wait that come before some that are claimed.
    var hasNewcomer: Bool { state.withLock { $0.scheduler.hasNewcomer } }

    /// Takes a claim's answer; returns what is reserved for each row.
    func claimed(_ request: ClaimRequest, _ answer: ClaimAnswer) -> [Reservation] {
        let now = time(.now)
        return state.withLock { state in
            state.daily.refund(request.credits - answer.recipients.reduce(0, +))
            return state.scheduler.claimed(request, answer, now: now)
        }
    }

    func abandoned(_ requests: [ClaimRequest], isProbe: Bool) {
        state.withLock { state in
            if isProbe { state.parking.probeEnded() }
            for request in requests {
                state.daily.refund(request.credits)
                state.scheduler.abandoned(request)
            }
        }
    }

    // MARK: Calls

    enum Start: Equatable {
        case goes
        /// Another call has taken the turn: ask again then.
        case waits(until: ContinuousClock.Instant)
        /// The account was parked or stopped meanwhile; the credits are free again.
        case isRefused
    }

    /// Puts the credits of calls that go together on the wire.
    func start(_ reservations: [Reservation], isProbe: Bool) -> Start {
        let now = time(.now)
        return state.withLock { state in
            guard !state.isStopping, !state.isPaused, isProbe || state.parking.reason == nil else {
                for reservation in reservations {
                    state.scheduler.release(reservation)
                    state.daily.refund(reservation.credits)
                }
                if isProbe { state.parking.probeEnded() }
                return .isRefused
            }
            if let turn = state.scheduler.start(reservations, now: now) { return .waits(until: instant(turn)) }
            let second = (epoch + now.nanoseconds) / .second
            for reservation in reservations {
                state.starts.add(reservation.credits, share: reservation.share, second: second)
            }
            return .goes
        }
    }

    /// A claimed call does not go out; its credits were not used.
    func release(_ reservation: Reservation, isProbe: Bool) {
        state.withLock { state in
            if isProbe { state.parking.probeEnded() }
            state.daily.refund(reservation.credits)
            state.scheduler.release(reservation)
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
        startedAt: ContinuousClock.Instant,
        usedAt: ContinuousClock.Instant,
        effect: AccountEffect,
        isProbe: Bool
    ) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.scheduler.ended(
                share: share,
                credits: credits,
                startedAt: time(startedAt),
                usedAt: time(usedAt)
            )
            state.apply(effect, now: now, resumesAt: now + Self.throttlePause)
            if isProbe { state.parking.probeWasInconclusive(now: now) }
        }
        bell.ring()
        if effect.isNewsForOthers { bells.workers.ring() }
    }

    /// Something was learned about the account outside of a call.
    func learn(_ effect: AccountEffect) {
        let now = ContinuousClock.now
        state.withLock { $0.apply(effect, now: now, resumesAt: now + Self.throttlePause) }
        bell.ring()
        if effect.isNewsForOthers { bells.workers.ring() }
    }

    /// A parked worker without shares cannot find out whether the reason is gone: after a while it is given the benefit
    /// of the doubt.
    func forgiveParking() {
        let isForgiven = state.withLock { state in
            guard !state.scheduler.servesAny, state.parking.forgive(now: .now) else { return false }
            state.isUnsaved = true
            return true
        }
        if isForgiven { bells.workers.ring() }
    }

    // MARK: Stopping and showing

    var isStopping: Bool { state.withLock { $0.isStopping } }

    func stop() {
        state.withLock { $0.isStopping = true }
        bell.ring()
    }

    /// What others are to know of this worker, if it has changed since it was taken last.
    func takeUnsavedState() -> (park: AccountPark?, detail: String, throttled: Int64, isNews: Bool)? {
        state.withLock { state in
            guard state.isUnsaved else { return nil }
            state.isUnsaved = false
            defer { state.isParkNews = false }
            return (state.parking.reason, state.parking.detail, state.throttled, state.isParkNews)
        }
    }

    func stateNotSaved() {
        state.withLock { $0.isUnsaved = true }
    }
}

extension AccountEffect {
    /// The leader moves credits by it.
    fileprivate var isNewsForOthers: Bool {
        switch self {
        case .none, .healthy: false
        case .throttled, .park: true
        }
    }
}

extension QueueSign {
    fileprivate var count: RowCount {
        switch rows {
        case .more(let count): .more(count)
        case .all(let count): .all(count)
        case .many: .all(RowCount.most)
        }
    }

    fileprivate var queue: LaneQueue {
        LaneQueue(lane: laneID, priority: PriorityClass(rawValue: Int(priority.rawValue)) ?? .normal)
    }
}
