import Synchronization

/// Lets so many in at once, and no more.
final class BroadcastGate: Sendable {
    private let maximum: Int
    private let inside = Mutex(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// - Throws: problem `overloaded` when it is full.
    func pass<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isFree = inside.withLock { inside in
            guard inside < maximum else { return false }
            inside += 1
            return true
        }
        guard isFree else {
            throw Problem(.overloaded, "\(maximum) broadcasts are arriving already; try again", retryAfter: 5)
        }
        defer { inside.withLock { $0 -= 1 } }
        return try await body()
    }
}
