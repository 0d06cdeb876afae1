/// Serves the lanes of one share in turn, by weight (start-time fair queueing).
///
/// Every lane has a virtual time that advances by 1/weight for each recipient it is given; the lane that is furthest
/// behind goes next. What a lane was not given it is still behind by: deficits carry over without being stored. The
/// present is the virtual time of the call that began last; a lane that was empty re-enters there, so that silence earns
/// nothing, and comes before everything that is claimed and has not begun. A lane with a ceiling rests after each call that
/// began (`LaneRests`), and re-enters in the same way.
struct LaneRotation: Sendable {
    private struct Lane {
        var weight: Int
        var time: UInt64
        var isActive = false
        var turn = 0
        private var high = QueueBelief()
        private var normal = QueueBelief()
        private var bulk = QueueBelief()

        init(weight: Int, time: UInt64) {
            self.weight = weight
            self.time = time
        }

        subscript(priority: PriorityClass) -> QueueBelief {
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

        var hasSign: Bool { PriorityClass.allCases.contains { self[$0].sign != nil } }
        var cost: UInt64 { max(1, LaneRotation.unit / UInt64(weight)) }
    }

    /// A pick for one recipient. `sign` tells `emptied` which sign of backlog it was based on; `tag` is the lane's virtual time.
    struct Pick {
        let queue: LaneQueue
        let sign: UInt64
        let tag: UInt64
    }

    /// The virtual time of one recipient at weight 1: 2^40 of them fit.
    private static let unit: UInt64 = 1 << 24

    private var lanes: [Int32: Lane] = [:]
    private var active = LaneHeap()
    private var present: UInt64 = 0
    private var signs: UInt64 = 0
    private var long = 0
    /// What the lanes with a ceiling wait for, besides their turn. `setCeilings` says which these are.
    var rests = LaneRests()
    /// Recipients that are believed to wait in all lanes, but for queues that are passed over. Of a lane with a ceiling each
    /// queue counts as one: more credits are of no use to it.
    private(set) var waiting = 0

    var hasBacklog: Bool { !active.isEmpty || !rests.asleep.isEmpty }
    /// When a lane that rests has its turn, where no other has backlog.
    func firstTurn(now: MonotonicTime) -> MonotonicTime? { active.isEmpty ? rests.firstTurn(now: now) : nil }
    /// The virtual time of the lane that is furthest behind.
    var first: UInt64? { active.first }
    /// Whether some queue is longer than scans count.
    var isLong: Bool { long > 0 }

    /// Notes that `queue` may have rows.
    mutating func note(_ queue: LaneQueue, rows: RowCount, weight: Int) {
        signs += 1
        var lane = lanes[queue.lane] ?? Lane(weight: max(1, weight), time: present)
        lane.weight = max(1, weight)
        let before = lane[queue.priority]
        lane[queue.priority].note(rows, sign: signs)
        if !lane.isActive {
            lane.isActive = true
            lane.time = max(lane.time, present)
            active.push(time: lane.time, lane: queue.lane)
        }
        lanes[queue.lane] = lane
        sum(before, lane[queue.priority], of: queue.lane)
    }

    /// Takes over which lanes get at most so many recipients a second.
    mutating func setCeilings(_ ceilings: [Int32: Int]) {
        rests.set(ceilings)
        waiting = 0
        long = 0
        for (id, lane) in lanes {
            for priority in PriorityClass.allCases { sum(QueueBelief(), lane[priority], of: id) }
        }
    }

    /// Chooses the queues of the next recipients: up to `count`, and beyond them, up to `most`, for lanes that come before
    /// a call with the tag `last`. Every pick is answered by `claimed`. Lanes that rest are passed over.
    mutating func picks(_ count: Int, most: Int, before last: UInt64?, now: MonotonicTime) -> [Pick] {
        var picks: [Pick] = []
        wake(now: now)
        var exhausted: [Int32] = []
        while picks.count < most, let (time, id) = active.pop() {
            guard var lane = lanes[id] else { continue }
            if lane.time > time {  // charged meanwhile: it is less far behind than it was
                active.push(time: lane.time, lane: id)
                continue
            }
            if picks.count >= count, last.map({ lane.time >= $0 }) ?? true {
                active.push(time: lane.time, lane: id)
                break
            }
            if let priority = PriorityClass.order(turn: lane.turn).first(where: { lane[$0].mayBePicked }),
                let sign = lane[priority].sign
            {
                if rests.sleeps(id, now: now) { continue }
                picks.append(Pick(queue: LaneQueue(lane: id, priority: priority), sign: sign, tag: lane.time))
                lane[priority].pick()
                rests.pick(id)
                lane.turn = (lane.turn + 1) % 10
                lane.time += lane.cost
                active.push(time: lane.time, lane: id)
            } else if lane.hasSign {
                exhausted.append(id)
            } else {
                lane.isActive = false
            }
            lanes[id] = lane
        }
        for id in exhausted { if let lane = lanes[id] { active.push(time: lane.time, lane: id) } }
        return picks
    }

    /// Whoever rested has earned nothing by it.
    private mutating func wake(now: MonotonicTime) {
        for id in rests.wake(now: now) {
            guard var lane = lanes[id] else { continue }
            lane.time = max(lane.time, present)
            lanes[id] = lane
            active.push(time: lane.time, lane: id)
        }
    }

    /// Notes that a claim for `picks` recipients of `queue` has brought `recipients`: the lane is charged for these instead.
    mutating func claimed(_ queue: LaneQueue, recipients: Int, picks: Int) {
        change(queue) { $0.claimed(recipients, picks: picks) }
        guard var lane = lanes[queue.lane] else { return }
        let change = lane.cost * UInt64(abs(recipients - picks))
        lane.time = recipients >= picks ? lane.time + change : lane.time - min(lane.time, change)
        lanes[queue.lane] = lane
    }

    func has(_ lane: Int32) -> Bool { lanes[lane] != nil }

    /// The virtual time of a lane.
    func time(of lane: Int32) -> UInt64 { lanes[lane]?.time ?? present }

    /// A call with this tag has begun, or has gone without being sent.
    mutating func passed(_ tag: UInt64) { present = max(present, tag) }

    /// Notes that `queue` had no more rows, unless a newer sign of backlog came since `sign`.
    mutating func emptied(_ queue: LaneQueue, sign: UInt64) {
        change(queue) { $0.emptied(sign: sign) }
    }

    /// Passes over a queue until the next sign of it.
    mutating func suspend(_ queue: LaneQueue) {
        change(queue) { $0.suspend() }
    }

    /// Ends that, and returns the number of the sign that this is.
    mutating func resume(_ queue: LaneQueue) -> UInt64 {
        if let lane = lanes[queue.lane] { note(queue, rows: .more(0), weight: lane.weight) }
        return signs
    }

    private mutating func change(_ queue: LaneQueue, _ body: (inout QueueBelief) -> Void) {
        guard let before = lanes[queue.lane]?[queue.priority] else { return }
        var belief = before
        body(&belief)
        lanes[queue.lane]?[queue.priority] = belief
        sum(before, belief, of: queue.lane)
    }

    private mutating func sum(_ before: QueueBelief, _ after: QueueBelief, of lane: Int32) {
        let isBound = rests.binds(lane)
        func counts(_ belief: QueueBelief) -> (waiting: Int, long: Int) {
            guard belief.sign != nil else { return (0, 0) }
            return isBound ? (1, 0) : (belief.waiting, belief.isLong ? 1 : 0)
        }
        waiting += counts(after).waiting - counts(before).waiting
        long += counts(after).long - counts(before).long
    }

    /// Forgets a lane that no longer belongs to the share.
    mutating func remove(_ id: Int32) {
        guard let lane = lanes.removeValue(forKey: id) else { return }
        for priority in PriorityClass.allCases { sum(lane[priority], QueueBelief(), of: id) }
        // It may come back, and would be served twice in each round.
        if !rests.rouse(id), lane.isActive { active.remove(id) }
    }
}
