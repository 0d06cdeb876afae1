public import Postgres

/// Applies what SES said: event, status, suppression and the end of an unknown outcome in one transaction.
public struct EvidenceStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Applies a batch; returns what became of each piece, in order, after the commit.
    public func apply(_ batch: [Evidence]) async throws -> [EvidenceResult] {
        try await pool.withConnection { try await Self.apply(batch, on: $0) }
    }

    /// Applies a batch in the caller's transaction.
    public static func apply(_ batch: [Evidence], on connection: PostgresConnection) async throws -> [EvidenceResult] {
        guard !batch.isEmpty else { return [] }
        var results = [EvidenceResult](repeating: .unmatched, count: batch.count)
        let rows = try await connection.query(EvidenceStatement.apply(batch)).decode(Int.self, Bool.self)
        for (place, isNew) in rows where results.indices.contains(place - 1) {
            if isNew {
                results[place - 1] = .applied
            } else if results[place - 1] == .unmatched {
                results[place - 1] = .duplicate
            }
        }
        return results
    }
}
