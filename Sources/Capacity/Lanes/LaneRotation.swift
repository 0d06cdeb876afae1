/// Serves the lanes of one share in turn, by weight (stride scheduling).
///
/// Every lane has a virtual time that advances by 1/weight for each recipient it is given; the lane that is furthest
/// behind goes next. What a lane was not given it is still behind by: deficits carry over without being stored. A lane
/// that was empty re-enters at the present, so that silence earns nothing.
struct LaneRotation: Sendable {
    /// What is believed of one queue.
    private struct Belief {
        /// The number of the last sign of backlog, nil when believed empty.
        var sign: UInt64?
        /// Recipients that wait, at least one while there is a sign of them.
        var waiting = 0
        /// A scan found as many as it counts.
        var isLong = false
    }

    private struct Lane {
        var weight: Int
        var time: UInt64
        var isActive = false
        var turn = 0
        /// When its ceiling lets it go on.
        var restsUntil = MonotonicTime.zero
        private var high = Belief()
        private var normal = Belief()
        private var bulk = Belief()

        var hasRows: Bool { PriorityClass.allCases.contains { self[$0].sign != nil } }

        init(weight: Int, time: UInt64) {
            self.weight = weight
            self.time = time
        }

        subscript(priority: PriorityClass) -> Belief {
            get {
                switch priority {
                case .high: high
                case .normal: normal
                case .bulk: bulk
                }
            }
            set {
                switch priority {
                case .high: high = newValue
                case .normal: normal = newValue
                case .bulk: bulk = newValue
                }
            }
        }
    }

    /// A pick for one recipient. `sign` tells `emptied` which sign of backlog it was based on.
    struct Pick {
        let queue: LaneQueue
        let sign: UInt64
    }

    /// The virtual time of one recipient at weight 1: 2^40 of them fit.
    private static let unit: UInt64 = 1 << 24

    private var lanes: [Int32: Lane] = [:]
    private var active = LaneHeap()
    private var present: UInt64 = 0
    private var signs: UInt64 = 0
    private var long = 0
    /// In lanes without a ceiling.
    private var unboundWaiting = 0
    /// The pause after each recipient of a lane with a ceiling.
    private var pauses: [Int32: Nanoseconds] = [:]
    /// Lanes that rest.
    private var resting: Set<Int32> = []

    var hasBacklog: Bool { !active.isEmpty || !resting.isEmpty }
    /// Recipients that are believed to wait and could be sent to, but for queues that are passed over.
    var waiting: Int {
        pauses.isEmpty ? unboundWaiting : unboundWaiting + pauses.keys.count { lanes[$0]?.hasRows ?? false }
    }
    /// When the next lane stops resting; nil while others have backlog, or none has.
    var nextTurn: MonotonicTime? {
        active.isEmpty ? resting.compactMap { lanes[$0]?.restsUntil }.min() : nil
    }
    /// Whether some queue is longer than scans count.
    var isLong: Bool { long > 0 }

    /// Notes that `queue` may have rows.
    mutating func note(_ queue: LaneQueue, rows: RowCount, weight: Int) {
        signs += 1
        var lane = lanes[queue.lane] ?? Lane(weight: max(1, weight), time: present)
        lane.weight = max(1, weight)
        let before = lane[queue.priority]
        var belief = before
        belief.sign = signs
        switch rows {
        case .more(let count): belief.waiting = before.waiting + count
        case .all(let count):
            belief.isLong = count >= RowCount.scanned
            belief.waiting = belief.isLong ? max(before.waiting, count) : count
        }
        belief.waiting = max(1, min(belief.waiting, RowCount.most))
        lane[queue.priority] = belief
        if !lane.isActive {
            lane.isActive = true
            lane.time = max(lane.time, present)
            active.push(time: lane.time, lane: queue.lane)
        }
        lanes[queue.lane] = lane
        sum(before, belief, of: queue.lane)
    }

    func isBound(_ lane: Int32) -> Bool { pauses[lane] != nil }

    /// Takes over which lanes get at most so many recipients a second.
    mutating func setCeilings(_ ceilings: [Int32: Int]) {
        let pauses = ceilings.mapValues { Nanoseconds.second / Nanoseconds(max(1, $0)) }
        for id in pauses.keys { count(id, isComing: false) }
        let freed = self.pauses.keys.filter { pauses[$0] == nil }
        self.pauses = pauses
        for id in freed {
            lanes[id]?.restsUntil = .zero
            count(id, isComing: true)
        }
    }

    /// A lane is not bound any more, or will be.
    private mutating func count(_ id: Int32, isComing: Bool) {
        guard let lane = lanes[id] else { return }
        for priority in PriorityClass.allCases {
            sum(isComing ? Belief() : lane[priority], isComing ? lane[priority] : Belief(), of: id)
        }
    }

    /// Chooses the queue of the next recipient, or nil when no lane is believed to have rows that may be sent to now.
    mutating func next(now: MonotonicTime) -> Pick? {
        if !resting.isEmpty { wake(now) }
        while let (time, id) = active.pop() {
            guard var lane = lanes[id] else { continue }
            if lane.time > time {  // charged meanwhile: it is less far behind than it was
                active.push(time: lane.time, lane: id)
                continue
            }
            guard
                let priority = PriorityClass.order(turn: lane.turn).first(where: { lane[$0].sign != nil }),
                let sign = lane[priority].sign
            else {
                lane.isActive = false
                lanes[id] = lane
                continue
            }
            present = time
            lane.turn = (lane.turn + 1) % 10
            lane.time += cost(lane)
            if let pause = pauses[id] {
                lane.restsUntil = now + pause
                resting.insert(id)
            } else {
                active.push(time: lane.time, lane: id)
            }
            lanes[id] = lane
            return Pick(queue: LaneQueue(lane: id, priority: priority), sign: sign)
        }
        return nil
    }

    /// Whoever rested has earned nothing by it.
    private mutating func wake(_ now: MonotonicTime) {
        for id in resting.sorted() {
            guard var lane = lanes[id], lane.restsUntil <= now || !isBound(id) else { continue }
            resting.remove(id)
            lane.time = max(lane.time, present)
            lanes[id] = lane
            active.push(time: lane.time, lane: id)
        }
    }

    private func cost(_ lane: Lane) -> UInt64 { max(1, Self.unit / UInt64(lane.weight)) }

    /// Charges a lane for recipients beyond those it was picked for: a call with several of them.
    mutating func charge(_ id: Int32, recipients: Int) {
        guard recipients > 0, let lane = lanes[id] else { return }
        let cost = cost(lane) * UInt64(recipients)
        lanes[id]?.time += cost
        if let pause = pauses[id] { lanes[id]?.restsUntil = lane.restsUntil + pause * Nanoseconds(recipients) }
    }

    /// Notes that rows of `queue` were claimed.
    mutating func claimed(_ queue: LaneQueue, recipients: Int) {
        change(queue) { $0.waiting = max(1, $0.waiting - recipients) }
    }

    /// Notes that `queue` had no more rows, unless a newer sign of backlog came since `sign`.
    mutating func emptied(_ queue: LaneQueue, sign: UInt64) {
        change(queue) { if let known = $0.sign, known <= sign { $0 = Belief() } }
    }

    /// Passes over a queue until the next sign of it.
    mutating func suspend(_ queue: LaneQueue) {
        change(queue) { $0.sign = nil }
    }

    /// Ends that, and returns the number of the sign that this is.
    mutating func resume(_ queue: LaneQueue) -> UInt64 {
        if let lane = lanes[queue.lane] { note(queue, rows: .more(0), weight: lane.weight) }
        return signs
    }

    private mutating func change(_ queue: LaneQueue, _ body: (inout Belief) -> Void) {
        guard let before = lanes[queue.lane]?[queue.priority], before.waiting > 0 else { return }
        var belief = before
        body(&belief)
        lanes[queue.lane]?[queue.priority] = belief
        sum(before, belief, of: queue.lane)
    }

    private mutating func sum(_ before: Belief, _ after: Belief, of lane: Int32) {
        guard !isBound(lane) else { return }
        func counts(_ belief: Belief) -> (waiting: Int, long: Int) {
            belief.sign == nil ? (0, 0) : (belief.waiting, belief.isLong ? 1 : 0)
        }
        unboundWaiting += counts(after).waiting - counts(before).waiting
        long += counts(after).long - counts(before).long
    }

    /// Forgets a lane that no longer belongs to the share.
    mutating func remove(_ id: Int32) {
        guard let lane = lanes.removeValue(forKey: id) else { return }
        for priority in PriorityClass.allCases { sum(lane[priority], Belief(), of: id) }
        // It may come back, and would be served twice in each round.
        if resting.remove(id) == nil, lane.isActive { active.remove(id) }
    }
}
