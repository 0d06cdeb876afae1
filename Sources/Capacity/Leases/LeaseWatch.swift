/// Tells which lives of other nodes are over, by their counters alone, on the watcher's own monotonic clock.
///
/// Pure: observations go in. A life is dead when its counter has been seen unchanged for the whole bound.
public struct LeaseWatch: Sendable {
    private struct Sight {
        let counter: Int64
        let since: ContinuousClock.Instant
    }

    private var sights: [Worker: Sight] = [:]
    private var lastAnswer: ContinuousClock.Instant?

    public init() {}

    /// When the next life is dead, unless its counter is seen to move before.
    public func nextDeath(bound: Duration) -> ContinuousClock.Instant? {
        sights.values.map { $0.since + bound }.min()
    }

    /// Takes the live leases of a read and returns those that are dead, with the counter at which they stopped.
    ///
    /// - Parameter gap: a longer time without a read makes all observations start anew.
    public mutating func observe(
        _ leases: [Worker: Int64],
        readAfter asked: ContinuousClock.Instant,
        answeredAt now: ContinuousClock.Instant,
        bound: Duration,
        blindAfter gap: Duration
    ) -> [(life: Worker, counter: Int64)] {
        // A watcher that could not read for so long could not have seen them move, and they perhaps could not either.
        if let lastAnswer, asked - lastAnswer > gap { sights = [:] }
        lastAnswer = now
        sights = sights.filter { leases[$0.key] != nil }
        var dead: [(life: Worker, counter: Int64)] = []
        for (life, counter) in leases {
            if let sight = sights[life], sight.counter == counter {
                // Unchanged between the answer of the first sight and the question of this one.
                if asked - sight.since >= bound { dead.append((life, counter)) }
            } else {
                sights[life] = Sight(counter: counter, since: now)
            }
        }
        return dead.sorted { $0.life < $1.life }
    }
}
