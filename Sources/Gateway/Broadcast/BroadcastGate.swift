import Synchronization

/// Lets so many in at once and no more, of them at most half for one tenant.
final class BroadcastGate: Sendable {
    private let maximum: Int
    private let inside = Mutex<[Int32: Int]>([:])

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// - Throws: problem `overloaded` when it is full, `queue_full` when it is for the tenant.
    func pass<Value>(_ tenant: Int32, _ body: () async throws -> Value) async throws -> Value {
        let most = max(1, maximum / 2)
        let problem: Problem? = inside.withLock { inside in
            guard inside.values.reduce(0, +) < maximum else {
                return Problem(.overloaded, "\(maximum) broadcasts are arriving already; try again", retryAfter: 5)
            }
            guard inside[tenant, default: 0] < most else {
                return Problem(
                    .queueFull,
                    "\(most) broadcasts of yours are arriving already; try again when one is in",
                    retryAfter: 5
                )
            }
            inside[tenant, default: 0] += 1
            return nil
        }
        if let problem { throw problem }
        defer {
            inside.withLock { inside in
                let left = inside[tenant, default: 1] - 1
                inside[tenant] = left > 0 ? left : nil
            }
        }
        return try await body()
    }
}
