/// Serves the lanes of one share in turn, by weight (stride scheduling).
///
/// Every lane has a virtual time that advances by 1/weight for each recipient it is given; the lane that is furthest
/// behind goes next. What a lane was not given it is still behind by: deficits carry over without being stored. A lane
/// that was empty re-enters at the present, so that silence earns nothing.
struct LaneRotation: Sendable {
    private struct Lane {
        var weight: Int
        var time: UInt64
        var isActive = false
        var turn = 0
        /// By class: the number of the last sign of backlog, nil when believed empty.
        var backlog: [UInt64?] = [nil, nil, nil]
        /// By class: how many recipients are believed to wait, at least one while there is a sign of them.
        var waiting = [0, 0, 0]
    }

    /// A pick for one recipient. `sign` tells `emptied` which sign of backlog it was based on.
    struct Pick {
        let queue: LaneQueue
        let sign: UInt64
    }

    /// The virtual time of one recipient at weight 1: 2^44 of them fit.
    private static let unit: UInt64 = 1 << 20

    private var lanes: [Int32: Lane] = [:]
    private var active = LaneHeap()
    private var present: UInt64 = 0
    private var signs: UInt64 = 0
    /// Recipients that are believed to wait in all lanes.
    private(set) var waiting = 0

    var hasBacklog: Bool { !active.isEmpty }

    /// Notes that `queue` may have rows.
    mutating func note(_ queue: LaneQueue, rows: RowCount, weight: Int) {
        signs += 1
        var lane = lanes[queue.lane] ?? Lane(weight: max(1, weight), time: present)
        lane.weight = max(1, weight)
        let place = queue.priority.rawValue
        lane.backlog[place] = signs
        let before = lane.waiting[place]
        switch rows {
        case .more(let count): lane.waiting[place] = max(1, min(before + count, RowCount.most))
        case .all(let count): lane.waiting[place] = max(1, min(count, RowCount.most))
        }
        waiting += lane.waiting[place] - before
        if !lane.isActive {
            lane.isActive = true
            lane.time = max(lane.time, present)
            active.push(time: lane.time, lane: queue.lane)
        }
        lanes[queue.lane] = lane
    }

    /// Chooses the queue of the next recipient, or nil when no lane is believed to have rows.
    mutating func next() -> Pick? {
        while let (time, id) = active.pop() {
            guard var lane = lanes[id] else { continue }
            if lane.time > time {  // charged meanwhile: it is less far behind than it was
                active.push(time: lane.time, lane: id)
                continue
            }
            guard
                let priority = PriorityClass.order(turn: lane.turn).first(where: { lane.backlog[$0.rawValue] != nil }),
                let sign = lane.backlog[priority.rawValue]
            else {
                lane.isActive = false
                lanes[id] = lane
                continue
            }
            present = time
            lane.turn = (lane.turn + 1) % 10
            lane.time += Self.unit / UInt64(lane.weight)
            active.push(time: lane.time, lane: id)
            lanes[id] = lane
            return Pick(queue: LaneQueue(lane: id, priority: priority), sign: sign)
        }
        return nil
    }

    /// Charges a lane for recipients beyond those it was picked for: a call with several of them.
    mutating func charge(_ id: Int32, recipients: Int) {
        guard recipients > 0, let lane = lanes[id] else { return }
        lanes[id]?.time += Self.unit / UInt64(lane.weight) * UInt64(recipients)
    }

    /// Notes that rows of `queue` were claimed.
    mutating func claimed(_ queue: LaneQueue, recipients: Int) {
        setWaiting(queue) { max(1, $0 - recipients) }
    }

    /// Notes that `queue` had no more rows, unless a newer sign of backlog came since `sign`.
    mutating func emptied(_ queue: LaneQueue, sign: UInt64) {
        guard let known = lanes[queue.lane]?.backlog[queue.priority.rawValue], known <= sign else { return }
        lanes[queue.lane]?.backlog[queue.priority.rawValue] = nil
        setWaiting(queue) { _ in 0 }
    }

    private mutating func setWaiting(_ queue: LaneQueue, _ change: (Int) -> Int) {
        let place = queue.priority.rawValue
        guard let before = lanes[queue.lane]?.waiting[place], before > 0 else { return }
        let after = change(before)
        lanes[queue.lane]?.waiting[place] = after
        waiting += after - before
    }

    /// Forgets a lane that no longer belongs to the share.
    mutating func remove(_ id: Int32) {
        guard let lane = lanes.removeValue(forKey: id) else { return }
        waiting -= lane.waiting.reduce(0, +)
    }
}
