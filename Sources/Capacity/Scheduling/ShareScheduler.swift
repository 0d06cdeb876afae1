/// One share on one worker: its credits, its pace, and its lanes in turn.
struct ShareScheduler: Sendable {
    private struct Head {
        let queue: LaneQueue
        let recipients: Int
        let since: MonotonicTime
    }

    /// A row that is too wide for its share is refused when it has waited so long: the gateway that took it may have seen
    /// a change of the share before this worker does.
    private static let patience = 2 * Nanoseconds.second

    let share: Int32
    private(set) var ledger = CreditLedger()
    /// The version of the grant that the ledger obeys.
    private(set) var version: Int64 = 0
    /// What the account's rows say that this worker may have.
    private var heldByRow = 0
    /// By then every credit that was ever reserved is cold, unless it was used since.
    private var allCold = MonotonicTime.zero
    /// As configured; nil when the share is gone: then it only gives back, and refuses no row.
    private var limits: ShareLimits?
    private var pacer = Pacer()
    private var rotation = LaneRotation()
    private var starts = StartQueue()
    private var meter = DemandMeter()
    /// A row with several recipients that waits for as many free credits.
    private var head: Head?
    /// The last reading said that the row tells something else than this worker told it.
    private var isMistaken = false

    init(share: Int32) {
        self.share = share
    }

    /// Takes what a row of the account's grants says. Credits are taken only from a version that is news.
    mutating func take(_ row: GrantRow, limits: ShareLimits?, rule: CreditRule, now: MonotonicTime) {
        self.limits = limits
        ledger.advance(to: now)
        heldByRow = row.held
        let isNews = row.version > version
        let before = ledger.held
        if isNews {
            version = row.version
            ledger.setGranted(row.granted)
        }
        // The row may have been made anew, or a report that was given up may have arrived after a later one; but one
        // that is on its way now is not in this reading yet.
        let isMistaken = row.wanted != meter.said
        if isMistaken, isNews || self.isMistaken { meter.say(row.wanted) }
        self.isMistaken = isMistaken
        pacer.setPace(credits: row.granted, window: rule.window)
        if ledger.held > before { pacer.hurry(at: now) }
    }

    mutating func setLimits(_ limits: ShareLimits?) {
        self.limits = limits
    }

    /// The share is placed on this worker no longer.
    mutating func dismiss(now: MonotonicTime) {
        ledger.advance(to: now)
        ledger.setGranted(0)
    }

    /// What the account's rows are to be told, if there is something.
    mutating func report(now: MonotonicTime, rule: CreditRule) -> GrantReport? {
        ledger.advance(to: now)
        // A row that not even the whole account can send just now has no use for credits.
        let head = head.flatMap { $0.recipients <= rule.credits ? $0 : nil }
        let wanted = meter.news(
            waiting: rotation.waiting + (head?.recipients ?? 0),
            isLong: rotation.isLong,
            inUse: ledger.held - ledger.free,
            free: head == nil ? ledger.free : 0,
            most: limits?.ceiling ?? 0,
            now: now,
            window: rule.window
        )
        guard wanted != nil || ledger.held < heldByRow else { return nil }
        return GrantReport(share: share, held: ledger.held, version: version, wanted: wanted ?? meter.said)
    }

    /// A report was written.
    mutating func reported(_ report: GrantReport) {
        meter.say(report.wanted)
        isMistaken = false
        if report.version == version { heldByRow = min(heldByRow, max(report.held, ledger.granted)) }
    }

    mutating func note(_ queue: LaneQueue, rows: RowCount, weight: Int, now: MonotonicTime, window: Nanoseconds) {
        if !hasBacklog { pacer.resume(at: now) }
        if case .more(let count) = rows, !rotation.rests.binds(queue.lane) {
            meter.arrived(count, now: now, window: window)
        }
        rotation.note(queue, rows: rows, weight: weight)
    }

    /// Takes over which lanes get at most so many recipients a second here.
    mutating func setCeilings(_ ceilings: [Int32: Int]) {
        rotation.setCeilings(ceilings)
    }

    mutating func remove(lane: Int32) {
        rotation.remove(lane)
        if head?.queue.lane == lane { head = nil }
    }

    var hasBacklog: Bool { rotation.hasBacklog || head != nil }

    /// Rows wait that come before some that are claimed.
    var hasNewcomer: Bool {
        guard let first = rotation.first, let last = starts.last else { return false }
        return first < last
    }

    /// What it said last is not yet that it has no use for any credit.
    var isTalking: Bool { meter.said > 0 }

    /// More rows wait than there are credits for, and less was asked for than would be of use.
    var isHungry: Bool {
        waiting > ledger.free && meter.said < min(limits?.ceiling ?? 0, ledger.held - ledger.free + waiting)
    }

    /// Recipients that are believed to wait.
    var waiting: Int { rotation.waiting + (head?.recipients ?? 0) }

    /// The most recipients of one call: what the share can count on, or one where that is nothing.
    private var most: Int { limits.map { max(1, $0.guarantee) } ?? .max }

    /// The wide row in `head` gets its credits as they cool, and the others wait for it. When its share has not so many
    /// just now (they are lent, or the quota is cut), the others go on meanwhile.
    private var isGathering: Bool { head.map { $0.recipients <= ledger.granted } ?? false }

    /// What to claim for the slots that come next, at most `limit` recipients. Reserves their credits.
    mutating func plan(now: MonotonicTime, limit: Int) -> [ClaimRequest] {
        ledger.advance(to: now)
        if let head {
            if isOversized(head, now: now) {
                self.head = nil
                let sign = rotation.resume(head.queue)
                return [request(head.queue, credits: 0, sign: sign, takesOversized: true)]
            }
            if ledger.free >= head.recipients {
                self.head = nil
                ledger.reserve(head.recipients)
                let sign = rotation.resume(head.queue)
                return [request(head.queue, credits: head.recipients, sign: sign)]
            }
            if isGathering { return [] }
        }
        // Calls that start within the horizon may use credits that are cold by their start.
        func slots(until horizon: MonotonicTime) -> Int {
            min(ledger.available(by: horizon), limit, pacer.slots(now: now, until: horizon))
        }
        let picks = rotation.picks(
            slots(until: now + AccountScheduler.lead),
            most: slots(until: now + AccountScheduler.reach),
            before: starts.last,
            now: now
        )
        var picked: [LaneQueue: [LaneRotation.Pick]] = [:]
        var order: [LaneQueue] = []
        for pick in picks {
            if picked[pick.queue] == nil { order.append(pick.queue) }
            picked[pick.queue, default: []].append(pick)
        }
        return order.compactMap { queue in
            guard let picks = picked[queue], let first = picks.first else { return nil }
            var request = request(queue, credits: picks.count, sign: first.sign)
            request.tags = picks.map(\.tag)
            request.coldAt = ledger.reserve(picks.count)
            allCold = max(allCold, request.coldAt.last ?? .zero)
            return request
        }
    }

    /// Takes a claim's answer: releases the credits without a row and returns what each row has.
    mutating func claimed(
        _ request: ClaimRequest,
        _ answer: ClaimAnswer,
        now: MonotonicTime,
        window: Nanoseconds
    ) -> [Reservation] {
        let used = answer.recipients.reduce(0, +)
        var before: Head?
        if let head, head.queue == request.queue {
            before = head
            self.head = nil
            _ = rotation.resume(request.queue)
        }
        let tag = rotation.time(of: request.queue.lane)
        rotation.claimed(request.queue, recipients: used, picks: request.tags.count)
        if request.takesOversized {
            return answer.recipients.map { _ in Reservation(share: share, credits: 0, startsAt: now, tag: tag) }
        }
        if let lane = request.boundLane {
            rotation.rests.claimed(lane, recipients: used, picks: request.tags.count)
        }
        meter.claimed(used, now: now, window: window)
        release(request, from: used)
        if let blocked = answer.blockedBy {
            block(request, recipients: blocked, since: before?.recipients == blocked ? before?.since ?? now : now)
        } else if used < request.credits {
            rotation.emptied(request.queue, sign: request.sign)
        }
        var sum = 0
        return answer.recipients.map { recipients in
            let tag = request.tags.indices.contains(sum) ? request.tags[sum] : tag
            sum += recipients
            var reservation = reserved(recipients, tag: tag, coldAt: request.coldAt(sum), now: now)
            reservation.boundLane = request.boundLane
            return reservation
        }
    }

    private mutating func reserved(
        _ credits: Int,
        tag: UInt64,
        coldAt: MonotonicTime,
        now: MonotonicTime
    ) -> Reservation {
        // The pace may have changed since the plan: what is claimed does not wait longer than it was planned for.
        let slot = max(min(pacer.take(credits, coldAt: coldAt, now: now), now + AccountScheduler.reach), coldAt)
        guard credits == 1 else { return Reservation(share: share, credits: credits, startsAt: slot, tag: tag) }
        let ticket = starts.add(tag: tag, coldAt: coldAt, slot: slot)
        return Reservation(share: share, credits: 1, startsAt: starts.time(of: ticket), tag: tag, ticket: ticket)
    }

    /// Gives back the credits of a request beyond the first `used` ones.
    private mutating func release(_ request: ClaimRequest, from used: Int) {
        for place in used..<max(used, request.credits) { ledger.release(1, until: request.coldAt(place + 1)) }
    }

    private func isOversized(_ head: Head, now: MonotonicTime) -> Bool {
        head.recipients > most && now - head.since >= Self.patience
    }

    private mutating func block(_ request: ClaimRequest, recipients: Int, since: MonotonicTime) {
        // The lane was taken off the share, or is held, since the claim was planned.
        guard rotation.has(request.queue.lane) else { return }
        // One at a time gathers credits; another comes back with the next scan.
        guard head.map({ ledger.granted < $0.recipients && $0.recipients <= most }) ?? true else {
            return rotation.suspend(request.queue)
        }
        if let head { _ = rotation.resume(head.queue) }
        head = Head(queue: request.queue, recipients: recipients, since: since)
        rotation.suspend(request.queue)
    }

    /// Takes back a request whose claim failed: nothing is known of its queue.
    mutating func abandoned(_ request: ClaimRequest) {
        rotation.claimed(request.queue, recipients: 0, picks: request.tags.count)
        if let lane = request.boundLane { rotation.rests.claimed(lane, recipients: 0, picks: request.tags.count) }
        release(request, from: 0)
    }

    /// When `plan` may next return something, or nil when that depends on a sign of backlog or an answer.
    func nextPlan(now: MonotonicTime) -> MonotonicTime? {
        guard let head else { return nextSlot(now: now) }
        if isOversized(head, now: now) || ledger.free >= head.recipients { return now }
        if isGathering { return ledger.nextCooled }
        let slot = nextSlot(now: now)
        guard head.recipients > most else { return slot }
        let refusal = head.since + Self.patience
        return slot.map { min($0, refusal) } ?? refusal
    }

    private func nextSlot(now: MonotonicTime) -> MonotonicTime? {
        guard rotation.hasBacklog else { return nil }
        // Of a lane that rests, when no other has backlog.
        let turn = max(pacer.earliest(at: now), rotation.firstTurn(now: now) ?? now)
        if ledger.free > 0 { return max(now, turn - AccountScheduler.lead) }
        guard let nextCooled = ledger.nextCooled, ledger.held <= ledger.granted else { return ledger.nextCooled }
        return max(now, max(turn, nextCooled) - AccountScheduler.lead)
    }

    /// A claimed row goes back unsent.
    mutating func release(_ reservation: Reservation) {
        let coldAt = reservation.ticket.map { starts.remove($0) } ?? allCold
        rotation.passed(reservation.tag)
        if let lane = reservation.boundLane { rotation.rests.released(lane, recipients: reservation.credits) }
        ledger.release(reservation.credits, until: coldAt)
    }

    /// When the call of a claimed row may begin as things are now.
    func start(of reservation: Reservation) -> MonotonicTime {
        let time = reservation.ticket.map { starts.time(of: $0) } ?? reservation.startsAt
        return reservation.boundLane.map { max(time, rotation.rests.start(of: $0)) } ?? time
    }

    /// A call whose time has come goes on the wire.
    mutating func begin(_ reservation: Reservation, now: MonotonicTime) {
        if let ticket = reservation.ticket { starts.begin(ticket) }
        rotation.passed(reservation.tag)
        if let lane = reservation.boundLane {
            rotation.rests.begun(lane, recipients: reservation.credits, now: now)
        }
        ledger.start(reservation.credits)
    }

    /// A call has ended: its credits cool.
    mutating func ended(_ credits: Int, startedAt: MonotonicTime, usedAt: MonotonicTime, window: Nanoseconds) {
        pacer.used(for: usedAt - startedAt)
        ledger.cool(credits, until: usedAt + window)
    }

    private func request(
        _ queue: LaneQueue,
        credits: Int,
        sign: UInt64,
        takesOversized: Bool = false
    ) -> ClaimRequest {
        ClaimRequest(
            share: share,
            queue: queue,
            credits: credits,
            takesOversized: takesOversized,
            capacity: most,
            sign: sign,
            boundLane: rotation.rests.binds(queue.lane) ? queue.lane : nil
        )
    }
}
