import Postgres
import Synchronization

/// Whether a tenant may suppress more addresses. Counting them takes longer the more there are, so the answer is kept for a
/// minute: a list may grow beyond its bound by what is added in one.
final class SuppressionRoom: Sendable {
    private static let validity = Duration.seconds(60)
    private static let mostKept = 10_000

    let most: Int
    private let known = Mutex<[Int32: (isFull: Bool, until: ContinuousClock.Instant)]>([:])

    init(most: Int) {
        self.most = most
    }

    func isFull(_ tenantID: Int32, in pool: ScopedPool) async throws -> Bool {
        let now = ContinuousClock.now
        if let answer = known.withLock({ $0[tenantID] }), answer.until > now { return answer.isFull }
        let isFull =
            try await pool.query(
                """
                SELECT 1 FROM suppression WHERE tenant_id = \(tenantID)
                ORDER BY email OFFSET \(Int64(most - 1)) LIMIT 1
                """
            ).first != nil
        known.withLock { known in
            if known.count >= Self.mostKept { known = [:] }
            known[tenantID] = (isFull, now + Self.validity)
        }
        return isFull
    }

    /// Some were removed.
    func forget(_ tenantID: Int32) {
        known.withLock { $0[tenantID] = nil }
    }
}
