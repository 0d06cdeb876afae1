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

    /// Grants each share its credits; shares that are not named keep none. Added credits are usable from `usableAt`.
    public mutating func grant(_ grants: [Int32: Int], rule: CreditRule, usableAt: MonotonicTime) {
        self.rule = rule
        for share in Set(shares.keys).union(grants.keys) {
            shares[share, default: ShareScheduler(share: share)]
                .grant(grants[share] ?? 0, window: rule.window, usableAt: usableAt)
        }
        order = shares.keys.sorted()
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
        shares.values.compactMap { $0.nextPlan(now: now, lead: Self.lead) }.min()
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
