/// One share on one worker: its credits, its pace, and its lanes in turn.
struct ShareScheduler: Sendable {
    private struct Head {
        let queue: LaneQueue
        let recipients: Int
        let sign: UInt64
    }

    let share: Int32
    private(set) var ledger = CreditLedger()
    /// The version of the grant that the ledger obeys.
    private(set) var version: Int64 = 0
    /// What the account's rows say that this worker may have.
    private var heldByRow = 0
    private var limits = ShareLimits(guarantee: 0, ceiling: 0)
    private var pacer = Pacer()
    private var rotation = LaneRotation()
    private var meter = DemandMeter()
    /// A row with several recipients that waits for as many free credits.
    private var head: Head?

    init(share: Int32) {
        self.share = share
    }

    /// Takes what a row of the account's grants says. Credits are taken only from a version that is news.
    mutating func take(_ row: GrantRow, limits: ShareLimits, window: Nanoseconds, now: MonotonicTime) {
        self.limits = limits
        ledger.advance(to: now)
        heldByRow = row.held
        if row.version > version {
            version = row.version
            ledger.setGranted(row.granted)
            // The row may have been made anew.
            if row.wanted != meter.said { meter.say(row.wanted) }
        }
        pacer.setPace(credits: row.granted, window: window)
    }

    /// The share is placed on this worker no longer.
    mutating func dismiss(now: MonotonicTime) {
        ledger.advance(to: now)
        ledger.setGranted(0)
    }

    /// What the account's rows are to be told, if there is something.
    mutating func report(now: MonotonicTime, window: Nanoseconds) -> GrantReport? {
        ledger.advance(to: now)
        let wanted = meter.news(
            waiting: waiting,
            inUse: ledger.held - ledger.free,
            free: head == nil ? ledger.free : 0,
            most: limits.ceiling,
            now: now,
            window: window
        )
        guard wanted != nil || ledger.held < heldByRow else { return nil }
        return GrantReport(share: share, held: ledger.held, version: version, wanted: wanted ?? meter.said)
    }

    /// A report was written.
    mutating func reported(_ report: GrantReport) {
        meter.say(report.wanted)
        if report.version == version { heldByRow = min(heldByRow, max(report.held, ledger.granted)) }
    }

    mutating func note(_ queue: LaneQueue, rows: RowCount, weight: Int, now: MonotonicTime) {
        if !hasBacklog { pacer.resume(at: now) }
        rotation.note(queue, rows: rows, weight: weight)
    }

    mutating func remove(lane: Int32) {
        rotation.remove(lane)
        if head?.queue.lane == lane { head = nil }
    }

    var hasBacklog: Bool { rotation.hasBacklog || head != nil }

    /// What it said last is not yet that it has no use for any credit.
    var isTalking: Bool { meter.said > 0 }

    /// Recipients that are believed to wait.
    var waiting: Int { max(rotation.waiting, head?.recipients ?? 0) }

    /// What to claim for the slots up to `horizon`, at most `limit` recipients. Reserves their credits.
    mutating func plan(now: MonotonicTime, horizon: MonotonicTime, limit: Int) -> [ClaimRequest] {
        ledger.advance(to: now)
        if let head {
            if head.recipients > limits.most {
                self.head = nil
                return [request(head.queue, credits: 0, sign: head.sign, takesOversized: true)]
            }
            guard ledger.free >= head.recipients else { return [] }
            self.head = nil
            ledger.reserve(head.recipients)
            return [request(head.queue, credits: head.recipients, sign: head.sign)]
        }
        let slots = min(ledger.free, limit, pacer.slots(now: now, until: horizon))
        guard slots > 0 else { return [] }
        var counts: [LaneQueue: (credits: Int, sign: UInt64)] = [:]
        var order: [LaneQueue] = []
        for _ in 0..<slots {
            guard let pick = rotation.next() else { break }
            if counts[pick.queue] == nil { order.append(pick.queue) }
            counts[pick.queue, default: (0, pick.sign)].credits += 1
        }
        return order.compactMap { queue in
            guard let (credits, sign) = counts[queue] else { return nil }
            ledger.reserve(credits)
            return request(queue, credits: credits, sign: sign)
        }
    }

    /// Takes a claim's answer: releases the credits without a row and returns when each row's call may start.
    mutating func claimed(
        _ request: ClaimRequest,
        _ answer: ClaimAnswer,
        now: MonotonicTime,
        window: Nanoseconds
    ) -> [MonotonicTime] {
        let used = answer.recipients.reduce(0, +)
        rotation.claimed(request.queue, recipients: used)
        if request.takesOversized { return answer.recipients.map { _ in now } }
        meter.claimed(used, now: now, window: window)
        ledger.release(request.credits - used)
        if let blocked = answer.blockedBy {
            head = Head(queue: request.queue, recipients: blocked, sign: request.sign)
        } else if used < request.credits {
            rotation.emptied(request.queue, sign: request.sign)
        }
        rotation.charge(request.queue.lane, recipients: used - answer.recipients.count)
        return answer.recipients.map { pacer.take($0, now: now) }
    }

    /// Takes back a request whose claim failed: nothing is known of its queue.
    mutating func abandoned(_ request: ClaimRequest) {
        ledger.release(request.takesOversized ? 0 : request.credits)
    }

    /// When `plan` may next return something, or nil when that depends on a sign of backlog or an answer.
    func nextPlan(now: MonotonicTime, lead: Nanoseconds) -> MonotonicTime? {
        if let head {
            if head.recipients > limits.most || ledger.free >= head.recipients { return now }
            return ledger.nextCooled
        }
        guard rotation.hasBacklog else { return nil }
        if ledger.free > 0 { return max(now, pacer.earliest(at: now) - lead) }
        return ledger.nextCooled
    }

    // Passed through to the ledger, so that nothing else reaches into it.
    mutating func release(_ credits: Int) { ledger.release(credits) }
    mutating func start(_ credits: Int) { ledger.start(credits) }
    mutating func cool(_ credits: Int, until: MonotonicTime) { ledger.cool(credits, until: until) }

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
            capacity: limits.most,
            sign: sign
        )
    }
}
