import Capacity

/// One node that spends an account's credits against an SES with a latency, on a simulated clock.
///
/// The scheduler is the real one; the database is a set of queue lengths and the network a delay. SES counts each call
/// at a random instant between its start and its answer, which is all that is known about the real one.
struct NodeSimulation {
    struct Queue {
        let share: Int32
        let queue: LaneQueue
        let weight: Int
        /// Recipients of each waiting row, next one last.
        var rows: [Int]
    }

    struct Send {
        let share: Int32
        let lane: Int32
        let priority: PriorityClass
        let recipients: Int
        let startedAt: MonotonicTime
        let countedAt: MonotonicTime
    }

    private enum Event {
        case start(Reservation, LaneQueue)
        case answer(share: Int32, recipients: Int, startedAt: MonotonicTime)
        case timeout(share: Int32, recipients: Int, startedAt: MonotonicTime)
        case wake
    }

    let rule: CreditRule
    var scheduler: AccountScheduler
    var queues: [Queue]
    var now = MonotonicTime(nanoseconds: 5 * .second)
    private(set) var sends: [Send] = []
    private(set) var refused = 0
    private var events: [(at: MonotonicTime, event: Event)] = []
    private var generator: SeededGenerator
    private let latency: ClosedRange<Nanoseconds>
    private let claimTime: ClosedRange<Nanoseconds>
    /// Claims are at least this far apart, or half of it where newcomers wait.
    private let rhythm: Nanoseconds
    private var claimedAt = MonotonicTime.zero
    /// One call in this many gets no answer and is reset after three seconds; 0: none.
    private let lostCallEvery: Int

    init(
        quota: Double,
        grants: [Int32: Int],
        queues: [Queue],
        latency: ClosedRange<Nanoseconds>,
        claimTime: ClosedRange<Nanoseconds> = 100_000...3_000_000,
        rhythm: Nanoseconds = 0,
        lostCallEvery: Int = 0,
        ceilings: [Int32: Int] = [:],
        seed: UInt64
    ) {
        rule = CreditRule(quota: quota)
        scheduler = AccountScheduler(rule: rule)
        scheduler.setCeilings(ceilings)
        scheduler.grant(grants, version: 1, rule: rule, now: now)
        self.queues = queues
        self.latency = latency
        self.claimTime = claimTime
        self.rhythm = rhythm
        self.lostCallEvery = lostCallEvery
        generator = SeededGenerator(seed: seed)
        for queue in queues where !queue.rows.isEmpty {
            scheduler.note(
                queue.queue,
                rows: .all(min(100, queue.rows.count)),
                share: queue.share,
                weight: queue.weight,
                now: now
            )
        }
        schedule(.wake, at: now)
    }

    /// As the directory is read anew.
    mutating func setCeilings(_ ceilings: [Int32: Int]) {
        scheduler.setCeilings(ceilings)
        schedule(.wake, at: now)
    }

    mutating func enqueue(_ rows: [Int], into queue: LaneQueue) {
        guard let index = queues.firstIndex(where: { $0.queue == queue }) else { return }
        queues[index].rows.insert(contentsOf: rows, at: 0)
        scheduler.note(
            queue,
            rows: .more(rows.count),
            share: queues[index].share,
            weight: queues[index].weight,
            now: now
        )
        schedule(.wake, at: now)
    }

    mutating func run(until end: MonotonicTime) {
        while let next = events.indices.min(by: { events[$0].at < events[$1].at }), events[next].at <= end {
            let (at, event) = events.remove(at: next)
            now = max(now, at)
            handle(event)
        }
        now = max(now, end)
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .start(let reservation, let queue):
            if let later = scheduler.start([reservation], now: now) {
                return schedule(.start(reservation, queue), at: later)
            }
            let (share, recipients) = (reservation.share, reservation.credits)
            let delay = Nanoseconds.random(in: latency, using: &generator)
            let counted = now + Nanoseconds.random(in: 0...delay, using: &generator)
            sends.append(
                Send(
                    share: share,
                    lane: queue.lane,
                    priority: queue.priority,
                    recipients: recipients,
                    startedAt: now,
                    countedAt: counted
                )
            )
            if lostCallEvery > 0, Int.random(in: 0..<lostCallEvery, using: &generator) == 0 {
                schedule(.timeout(share: share, recipients: recipients, startedAt: now), at: now + 3 * .second)
            } else {
                schedule(.answer(share: share, recipients: recipients, startedAt: now), at: now + delay)
            }
        case .answer(let share, let recipients, let startedAt):
            scheduler.ended(share: share, credits: recipients, startedAt: startedAt, usedAt: now)
            plan()
        case .timeout(let share, let recipients, let startedAt):
            let usedAt = now + 500 * .millisecond
            scheduler.ended(share: share, credits: recipients, startedAt: startedAt, usedAt: usedAt)
            plan()
        case .wake:
            plan()
        }
    }

    private mutating func plan() {
        let due = scheduler.hasNewcomer ? claimedAt + rhythm / 2 : claimedAt + rhythm
        guard now >= due else { return schedule(.wake, at: due) }
        claimedAt = now
        let requests = scheduler.plan(now: now, limit: 250)
        if !requests.isEmpty {
            now = now + Nanoseconds.random(in: claimTime, using: &generator)
            for request in requests { claim(request) }
            schedule(.wake, at: max(now, claimedAt + rhythm / 2))
        } else if let next = scheduler.nextPlan(now: now) {
            schedule(.wake, at: max(next, now + .millisecond))
        }
    }

    private mutating func claim(_ request: ClaimRequest) {
        guard let index = queues.firstIndex(where: { $0.queue == request.queue }) else { return }
        var answer = ClaimAnswer(recipients: [])
        var left = request.credits
        if request.takesOversized {
            _ = queues[index].rows.popLast()
            refused += 1
            scheduler.note(
                request.queue,
                rows: .all(queues[index].rows.count),
                share: request.share,
                weight: queues[index].weight,
                now: now
            )
        }
        while !request.takesOversized, let row = queues[index].rows.last, left > 0 {
            guard row <= left else {
                answer.blockedBy = row
                break
            }
            queues[index].rows.removeLast()
            answer.recipients.append(row)
            left -= row
        }
        for reservation in scheduler.claimed(request, answer, now: now) where reservation.credits > 0 {
            schedule(.start(reservation, request.queue), at: reservation.startsAt)
        }
    }

    private mutating func schedule(_ event: Event, at: MonotonicTime) {
        if case .wake = event {
            if events.contains(where: { if case .wake = $0.event { $0.at <= at } else { false } }) { return }
        }
        events.append((at, event))
    }
}
