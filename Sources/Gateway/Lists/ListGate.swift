import Synchronization

/// Lets a tenant have a few searches under way at once and no more: they share few connections with everybody else's.
final class ListGate: Sendable {
    private static let most = 8

    private let inside = Mutex<[Int32: Int]>([:])

    /// - Throws: problem `rate_limited` when it is full for the tenant.
    func pass<Value>(_ tenant: Int32, _ body: () async throws -> Value) async throws -> Value {
        let isFull = inside.withLock { inside in
            guard inside[tenant, default: 0] < Self.most else { return true }
            inside[tenant, default: 0] += 1
            return false
        }
        if isFull {
            throw Problem(
                .rateLimited,
                "\(Self.most) searches of yours are under way already; try again when one has been answered",
                retryAfter: 1
            )
        }
        defer {
            inside.withLock { inside in
                let left = inside[tenant, default: 1] - 1
                inside[tenant] = left > 0 ? left : nil
            }
        }
        return try await body()
    }
}
