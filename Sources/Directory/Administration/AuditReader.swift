import Foundation
public import Postgres

/// Reads the audit.
public struct AuditReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Up to `limit` entries, newest first.
    ///
    /// - Parameters:
    ///   - after: only what comes after this entry in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func entries(limit: Int, after: Int64? = nil, before: Int64? = nil) async throws -> [AuditEntry] {
        try await pool.query(
            """
            SELECT id, at, actor, action, object, detail::text FROM (
                SELECT id, at, actor, action, object, detail FROM audit
                WHERE (\(after)::bigint IS NULL OR id < \(after)::bigint)
                  AND (\(before)::bigint IS NULL OR id > \(before)::bigint)
                ORDER BY id \(raw: before == nil ? "DESC" : "ASC") LIMIT \(Int64(limit))
            ) AS page ORDER BY id DESC
            """
        ).decode(Int64.self, Date.self, String.self, String.self, String.self, String.self).map {
            AuditEntry(id: $0.0, at: $0.1, actor: $0.2, action: $0.3, object: $0.4, detail: $0.5)
        }
    }
}
