import Synchronization

/// How many requests of one tenant are under way, so that its slow ones do not take all connections.
final class TenantPlaces: Sendable {
    private let most: Int
    private let taken = Mutex<[Int32: Int]>([:])

    init(most: Int) {
        self.most = most
    }

    /// Runs `body` in a place of the tenant's.
    ///
    /// - Throws: problem `rate_limited` when the tenant has none left.
    func with<Value>(_ tenantID: Int32, _ body: () async throws -> Value) async throws -> Value {
        let isFree = taken.withLock { taken in
            guard taken[tenantID, default: 0] < most else { return false }
            taken[tenantID, default: 0] += 1
            return true
        }
        guard isFree else {
            throw Problem(
                .rateLimited,
                "\(most) requests of the tenant are under way on this node already, which is all it may have",
                retryAfter: 1
            )
        }
        defer {
            taken.withLock { taken in
                let left = taken[tenantID, default: 1] - 1
                taken[tenantID] = left > 0 ? left : nil
            }
        }
        return try await body()
    }
}
