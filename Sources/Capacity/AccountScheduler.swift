/// Decides, for one account on one node, which lane may claim how many rows and when each call may start.
///
/// Pure: every method takes the time. The life of a credit here is
/// `plan` (reserved) -> `claimed` (a start time) -> `start` (in flight) -> `ended` (cooling) -> free again.
public struct AccountScheduler: Sendable {
    /// How far ahead of its slot a row is claimed: what a crash makes unknown, and what hides a claim's round trip.
    public static let lead: Nanoseconds = 30 * .millisecond

    public private(set) var rule: CreditRule
    private var shares: [Int32: ShareScheduler] = [:]
    private var order: [Int32] = []
    /// Credits that were never used here are usable from then on.
    private var usableAt = MonotonicTime.zero
    /// Some share waits for credits that others have to give back first.
    private var isMoving = false

    public init(rule: CreditRule) {
        self.rule = rule
    }

    /// The credits of a share on this node, for metrics and the admin's view.
    public struct Credits: Equatable, Sendable {
        public let granted: Int
        public let free: Int
        public let inUse: Int
        public let cooling: Int
    }

    /// Gives each share its number of credits; shares that are not named get none.
    ///
    /// Lowering takes effect at once, for credits as they cool. Raising takes only credits that are there: what the
    /// account has less what is held anywhere, so that a credit is never in two shares. The rest follows in `plan`.
    ///
    /// - Parameters:
    ///   - capacities: what the shares hold when nothing is cut; the grants, where missing.
    ///   - usableAt: new credits are not usable before.
    public mutating func grant(
        _ grants: [Int32: Int],
        capacities: [Int32: Int] = [:],
        rule: CreditRule,
        now: MonotonicTime,
        usableAt: MonotonicTime
    ) {
        self.rule = rule
        self.usableAt = usableAt
        for share in Set(shares.keys).union(grants.keys) {
            let target = grants[share] ?? 0
            shares[share, default: ShareScheduler(share: share)]
                .aim(at: target, capacity: capacities[share] ?? target, window: rule.window)
        }
        order = shares.keys.sorted()
        moveCredits(now: now)
    }

    private mutating func moveCredits(now: MonotonicTime) {
        for share in order { shares[share]?.lower(now: now) }
        var available = rule.credits - held
        isMoving = false
        for share in order {
            if available > 0 {
                available -= shares[share]?.raise(available: available, usableAt: max(now, usableAt)) ?? 0
            }
            if let share = shares[share], share.ledger.granted < share.target { isMoving = true }
        }
    }

    /// Notes that a queue of `share` may have rows.
    public mutating func note(_ queue: LaneQueue, share: Int32, weight: Int, now: MonotonicTime) {
        shares[share]?.note(queue, weight: weight, now: now)
    }

    /// Forgets a lane that was taken off `share`.
    public mutating func remove(lane: Int32, share: Int32) {
        shares[share]?.remove(lane: lane)
    }

    /// What to claim now, at most `limit` recipients together; their credits are reserved.
    ///
    /// Every request must be given back through `claimed`, or `abandoned` when the claim failed.
    public mutating func plan(now: MonotonicTime, limit: Int) -> [ClaimRequest] {
        if isMoving { moveCredits(now: now) }
        var requests: [ClaimRequest] = []
        var left = limit
        for share in order where left > 0 {
            let more = shares[share]?.plan(now: now, horizon: now + Self.lead, limit: left) ?? []
            left -= more.reduce(0) { $0 + $1.credits }
            requests += more
        }
        if order.count > 1 { order.append(order.removeFirst()) }
        return requests
    }

    /// Returns when the call of each claimed row may start.
    public mutating func claimed(
        _ request: ClaimRequest,
        _ answer: ClaimAnswer,
        now: MonotonicTime
    ) -> [MonotonicTime] {
        shares[request.share]?.claimed(request, answer, now: now) ?? answer.recipients.map { _ in now }
    }

    /// Takes back a request whose claim failed.
    public mutating func abandoned(_ request: ClaimRequest) {
        shares[request.share]?.abandoned(request)
    }

    /// A claimed row goes back unsent.
    public mutating func release(share: Int32, credits: Int) {
        shares[share]?.release(credits)
    }

    /// A call goes on the wire.
    public mutating func start(share: Int32, credits: Int) {
        shares[share]?.start(credits)
    }

    /// SES may have counted the call up to `usedAt`, at the latest; its credits cool from then on.
    ///
    /// `usedAt` is when SES answered (mode `response`), when the last byte left (`egress`), or, for a call without an
    /// answer, when its connection was reset plus the margin.
    public mutating func ended(share: Int32, credits: Int, usedAt: MonotonicTime) {
        shares[share]?.cool(credits, until: usedAt + rule.window)
    }

    /// When `plan` may next bring something; nil: not before a sign of backlog or the end of a call.
    public func nextPlan(now: MonotonicTime) -> MonotonicTime? {
        let next = shares.values.compactMap { $0.nextPlan(now: now, lead: Self.lead) }.min()
        guard isMoving, let cooled = shares.values.compactMap(\.ledger.nextCooled).min() else { return next }
        return min(next ?? cooled, max(cooled, now))
    }

    public func credits(of share: Int32) -> Credits? {
        guard let ledger = shares[share]?.ledger else { return nil }
        return Credits(
            granted: ledger.granted,
            free: ledger.free,
            inUse: ledger.reserved + ledger.inFlight,
            cooling: ledger.cooling
        )
    }

    /// Every credit on this node, whatever its state: what invariant I2 sums up.
    public var held: Int { shares.values.reduce(0) { $0 + $1.ledger.held } }
}
