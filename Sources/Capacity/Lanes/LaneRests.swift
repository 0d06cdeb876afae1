/// The lanes of one share that have a ceiling, and when each of them may go on.
///
/// A call that begins makes its lane rest for as long as its recipients take at the ceiling, and no other call of the lane
/// begins before. So no second holds more of its recipients than the ceiling says, but for what one call carries.
struct LaneRests: Sendable {
    private struct Rest {
        /// After each recipient.
        var pause: Nanoseconds
        /// No call begins before.
        var next = MonotonicTime.zero
        /// Recipients that are picked or claimed and have not begun.
        var ahead = 0

        /// When the first of those that are not picked yet may begin, at the earliest.
        func turn(now: MonotonicTime) -> MonotonicTime { max(next, now) + pause * Nanoseconds(ahead) }
    }

    private var rests: [Int32: Rest] = [:]
    /// Lanes that are out of the rotation until their turn comes.
    private(set) var asleep: Set<Int32> = []

    func binds(_ lane: Int32) -> Bool { !rests.isEmpty && rests[lane] != nil }

    /// Takes over which lanes get at most so many recipients a second.
    mutating func set(_ ceilings: [Int32: Int]) {
        let old = rests
        rests = ceilings.mapValues { ceiling in
            let rate = Nanoseconds(max(1, ceiling))
            return Rest(pause: (.second + rate - 1) / rate)
        }
        for (lane, rest) in old {
            rests[lane]?.next = rest.next
            rests[lane]?.ahead = rest.ahead
        }
    }

    /// Whether it is too early to pick from the lane; it sleeps then, until `wake` returns it.
    mutating func sleeps(_ lane: Int32, now: MonotonicTime) -> Bool {
        guard binds(lane), turn(of: lane, now: now) > now + AccountScheduler.lead else { return false }
        asleep.insert(lane)
        return true
    }

    /// The lanes that may be picked from again, and those that are not bound any more.
    mutating func wake(now: MonotonicTime) -> [Int32] {
        guard !asleep.isEmpty else { return [] }
        let awake = asleep.filter { turn(of: $0, now: now) <= now + AccountScheduler.lead }
        asleep.subtract(awake)
        return awake.sorted()
    }

    /// When the first of those that sleep has its turn; nil: none sleeps.
    func firstTurn(now: MonotonicTime) -> MonotonicTime? { asleep.map { turn(of: $0, now: now) }.min() }

    private func turn(of lane: Int32, now: MonotonicTime) -> MonotonicTime { rests[lane]?.turn(now: now) ?? now }

    mutating func pick(_ lane: Int32) { change(lane, by: 1) }

    /// A claim for `picks` recipients has brought `recipients` that are to begin.
    mutating func claimed(_ lane: Int32, recipients: Int, picks: Int) { change(lane, by: recipients - picks) }

    /// Before that no call of the lane begins.
    func start(of lane: Int32) -> MonotonicTime { binds(lane) ? rests[lane]?.next ?? .zero : .zero }

    mutating func begun(_ lane: Int32, recipients: Int, now: MonotonicTime) {
        guard binds(lane), var rest = rests[lane] else { return }
        rest.ahead = max(0, rest.ahead - recipients)
        rest.next = max(rest.next, now) + rest.pause * Nanoseconds(recipients)
        rests[lane] = rest
    }

    /// Claimed recipients go back unsent.
    mutating func released(_ lane: Int32, recipients: Int) { change(lane, by: -recipients) }

    private mutating func change(_ lane: Int32, by recipients: Int) {
        guard binds(lane), let rest = rests[lane] else { return }
        rests[lane]?.ahead = max(0, rest.ahead + recipients)
    }

    /// Ends a lane's sleep; whether it slept.
    mutating func rouse(_ lane: Int32) -> Bool { asleep.remove(lane) != nil }
}
