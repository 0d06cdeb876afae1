/// Decides, for one account on one worker, which lane may claim how many rows and when each call may start.
///
/// Pure: every method takes the time. Credits come by `take` and go by `reports`. The life of one here is
/// `plan` (reserved) -> `claimed` (a turn) -> `start` (in flight) -> `ended` (cooling) -> free again.
public struct AccountScheduler: Sendable {
    /// How far ahead of its slot a row is claimed: what a crash makes unknown, and what hides a claim's round trip.
    public static let lead: Nanoseconds = 30 * .millisecond

    /// How far ahead the slot may be that a row brings which takes an earlier one.
    static let reach = 2 * lead

    public private(set) var rule: CreditRule
    private var shares: [Int32: ShareScheduler] = [:]
    /// Of the account's grants, as read last.
    private var version: Int64 = 0
    /// Of lanes, in recipients a second.
    private var ceilings: [Int32: Int] = [:]
    /// The shares with backlog, in the order of their next turn.
    private var turns: [Int32] = []
    private var isListed: Set<Int32> = []

    public init(rule: CreditRule) {
        self.rule = rule
    }

    /// The credits of a share on this worker, for metrics and the admin's view.
    public struct Credits: Equatable, Sendable {
        public let share: Int32
        public let granted: Int
        public let free: Int
        public let inUse: Int
        public let cooling: Int

        /// All of them, whatever their state.
        public var held: Int { free + inUse + cooling }
    }

    /// Takes this worker's rows as they were read, all of them. A share without a row is not served here.
    ///
    /// Lowering takes effect at once for free credits, and for the others as they cool, before any is spent again.
    ///
    /// - Parameters:
    ///   - version: of the account's grants when the rows were read. A reading that was overtaken is passed over.
    ///   - rule: the rule in force; calls that end from now on cool by it.
    /// - Returns: shares that were not served here before.
    @discardableResult
    public mutating func take(
        _ rows: [GrantRow],
        version: Int64,
        limits: [Int32: ShareLimits],
        rule: CreditRule,
        now: MonotonicTime
    ) -> [Int32] {
        guard version >= self.version else { return [] }
        self.version = version
        self.rule = rule
        var served: Set<Int32> = []
        var new: [Int32] = []
        for row in rows {
            served.insert(row.share)
            if shares[row.share] == nil {
                new.append(row.share)
                shares[row.share] = ShareScheduler(share: row.share)
                shares[row.share]?.setCeilings(ceilings)
            }
            shares[row.share]?.take(
                row,
                limits: limits[row.share],
                rule: rule,
                now: now
            )
        }
        for share in shares.keys where !served.contains(share) {
            shares[share]?.dismiss(now: now)
            if shares[share]?.ledger.held == 0 { shares[share] = nil }
        }
        return new
    }

    /// Takes over what the shares may hold, when that is configured differently.
    public mutating func setLimits(_ limits: [Int32: ShareLimits]) {
        for share in shares.keys { shares[share]?.setLimits(limits[share]) }
    }

    /// Takes over which lanes begin at most so many recipients a second on this worker. A lane without one is bound by its share
    /// alone. What such a lane leaves goes to the others.
    public mutating func setCeilings(_ ceilings: [Int32: Int]) {
        guard ceilings != self.ceilings else { return }
        self.ceilings = ceilings
        for share in shares.keys { shares[share]?.setCeilings(ceilings) }
    }

    /// What the account's rows are to be told. Written ones are confirmed by `reported`; the others come again.
    public mutating func reports(now: MonotonicTime) -> [GrantReport] {
        var reports: [GrantReport] = []
        for share in shares.keys {
            if let report = shares[share]?.report(now: now, rule: rule) { reports.append(report) }
        }
        return reports.sorted { $0.share < $1.share }
    }

    public mutating func reported(_ reports: [GrantReport]) {
        for report in reports { shares[report.share]?.reported(report) }
    }

    /// Notes that a queue of `share` may have rows; passed over when the share is not served here.
    public mutating func note(_ queue: LaneQueue, rows: RowCount, share: Int32, weight: Int, now: MonotonicTime) {
        guard shares[share] != nil else { return }
        shares[share]?.note(queue, rows: rows, weight: weight, now: now, window: rule.window)
        if isListed.insert(share).inserted { turns.append(share) }
    }

    /// Whether the share's lanes are this worker's to serve.
    public func serves(_ share: Int32) -> Bool { shares[share] != nil }

    /// Credits are in use or cooling, or rows wait.
    public var isBusy: Bool {
        !turns.isEmpty || shares.values.contains { $0.ledger.held > $0.ledger.free || $0.isTalking }
    }

    /// Whether the share has more rows that wait than credits for them, and its leader has not heard of it yet.
    public func isHungry(_ share: Int32) -> Bool { shares[share]?.isHungry ?? false }

    /// Rows wait, in some share, that come before some that are claimed.
    public var hasNewcomer: Bool { turns.contains { shares[$0]?.hasNewcomer ?? false } }

    /// Whether any share's lanes are this worker's to serve.
    public var servesAny: Bool { !shares.isEmpty }

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
        var served = 0
        for share in turns where left > 0 {
            served += 1
            let more = shares[share]?.plan(now: now, limit: left) ?? []
            left -= more.reduce(0) { $0 + $1.credits }
            requests += more
        }
        // Where the limit cut in, the next round begins. Those that have no backlog any more fall out.
        let again = turns[..<served].filter { share in
            if shares[share]?.hasBacklog == true { return true }
            isListed.remove(share)
            return false
        }
        turns = Array(turns[served...]) + again
        return requests
    }

    /// Returns what is reserved for each claimed row: to be given back through `start` or `release`.
    public mutating func claimed(
        _ request: ClaimRequest,
        _ answer: ClaimAnswer,
        now: MonotonicTime
    ) -> [Reservation] {
        let reservations = shares[request.share]?.claimed(request, answer, now: now, window: rule.window)
        relist(request.share)
        return reservations
            ?? answer.recipients.map { _ in
                Reservation(share: request.share, credits: 0, startsAt: now, tag: 0)
            }
    }

    /// Takes back a request whose claim failed.
    public mutating func abandoned(_ request: ClaimRequest) {
        shares[request.share]?.abandoned(request)
        relist(request.share)
    }

    private mutating func relist(_ share: Int32) {
        if shares[share]?.hasBacklog == true, isListed.insert(share).inserted { turns.append(share) }
    }

    /// A claimed row goes back unsent.
    public mutating func release(_ reservation: Reservation) {
        shares[reservation.share]?.release(reservation)
    }

    /// The calls of these reservations go on the wire together, unless that is too early.
    ///
    /// - Returns: nil when they go; else the time at which to ask again, because a call that is further behind in its
    ///   share's rotation has taken an earlier turn.
    public mutating func start(_ reservations: [Reservation], now: MonotonicTime) -> MonotonicTime? {
        let due = reservations.compactMap { shares[$0.share]?.start(of: $0) }.max()
        if let due, due > now { return due }
        for reservation in reservations { shares[reservation.share]?.begin(reservation, now: now) }
        return nil
    }

    /// SES may have counted the call up to `usedAt`, at the latest; its credits cool from then on.
    ///
    /// `usedAt` is when SES answered (mode `response`), when the last byte left (`egress`), or, for a call without an
    /// answer, when its connection was reset plus the margin.
    public mutating func ended(share: Int32, credits: Int, startedAt: MonotonicTime, usedAt: MonotonicTime) {
        shares[share]?.ended(credits, startedAt: startedAt, usedAt: usedAt, window: rule.window)
    }

    /// When `plan` may next bring something; nil: not before a sign of backlog or the end of a call.
    public func nextPlan(now: MonotonicTime) -> MonotonicTime? {
        var next: MonotonicTime?
        for share in turns {
            guard let time = shares[share]?.nextPlan(now: now) else { continue }
            if time <= now { return time }
            if next.map({ time < $0 }) ?? true { next = time }
        }
        return next
    }

    /// What every share served here has, by share. Credits that have cooled by `now` count as free.
    public func credits(at now: MonotonicTime) -> [Credits] {
        shares.values.map { share in
            let free = share.ledger.available(by: now)
            return Credits(
                share: share.share,
                granted: share.ledger.granted,
                free: free,
                inUse: share.ledger.reserved + share.ledger.inFlight,
                cooling: share.ledger.cooling - (free - share.ledger.free)
            )
        }.sorted { $0.share < $1.share }
    }

    /// Every credit on this worker, whatever its state: what invariant I2 sums up.
    public var held: Int { shares.values.reduce(0) { $0 + $1.ledger.held } }
}
