/// One share on one node: its credits, its pace, and its lanes in turn.
struct ShareScheduler: Sendable {
    private struct Head {
        let queue: LaneQueue
        let recipients: Int
        let sign: UInt64
    }

    let share: Int32
    private(set) var ledger = CreditLedger()
    /// What the share is to hold, and what it holds when nothing is cut.
    private(set) var target = 0
    private var capacity = 0
    private var pacer = Pacer()
    private var rotation = LaneRotation()
    /// A row with several recipients that waits for as many free credits.
    private var head: Head?

    init(share: Int32) {
        self.share = share
    }

    mutating func aim(at target: Int, capacity: Int, window: Nanoseconds) {
        self.target = target
        self.capacity = capacity
        pacer.setPace(credits: target, window: window)
    }

    /// Lowers the grant to the target at once.
    mutating func lower(now: MonotonicTime) {
        ledger.advance(to: now)
        if target < ledger.granted { ledger.setGranted(target, usableAt: now) }
    }

    /// Raises the grant towards the target, by at most `available` new credits; returns how many it took.
    mutating func raise(available: Int, usableAt: MonotonicTime) -> Int {
        let before = ledger.held
        let granted = min(target, before + available)
        if granted > ledger.granted { ledger.setGranted(granted, usableAt: usableAt) }
        return ledger.held - before
    }

    mutating func note(_ queue: LaneQueue, weight: Int, now: MonotonicTime) {
        if !rotation.hasBacklog && head == nil { pacer.resume(at: now) }
        rotation.note(queue, weight: weight)
    }

    mutating func remove(lane: Int32) {
        rotation.remove(lane)
        if head?.queue.lane == lane { head = nil }
    }

    /// What to claim for the slots up to `horizon`, at most `limit` recipients. Reserves their credits.
    mutating func plan(now: MonotonicTime, horizon: MonotonicTime, limit: Int) -> [ClaimRequest] {
        ledger.advance(to: now)
        if let head {
            if head.recipients > capacity {
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
    mutating func claimed(_ request: ClaimRequest, _ answer: ClaimAnswer, now: MonotonicTime) -> [MonotonicTime] {
        let used = answer.recipients.reduce(0, +)
        if request.takesOversized { return answer.recipients.map { _ in now } }
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
            if head.recipients > capacity || ledger.free >= head.recipients { return now }
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
            capacity: capacity,
            sign: sign
        )
    }
}
