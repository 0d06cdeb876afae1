import Synchronization

/// How many workers a destination has.
final class Working: Sendable {
    private let counts = Mutex([Int](repeating: 0, count: Destination.allCases.count))

    /// Counts as many more as `wanted` jobs need, up to `most` at once, and answers how many those are.
    func start(_ wanted: Int, _ destination: Destination, most: Int) -> Int {
        counts.withLock { counts in
            let more = max(0, min(wanted, most - counts[destination.rawValue]))
            counts[destination.rawValue] += more
            return more
        }
    }

    func end(_ destination: Destination) {
        counts.withLock { $0[destination.rawValue] -= 1 }
    }
}
