public import Postgres

/// Notes in the audit what those who run the gateway did that changes no row which the audit follows: giving out a tenant's data,
/// wrapping keys anew.
public struct AuditNotes: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Parameters:
    ///   - object: what it was done to, such as `tenant apa`; neither a secret nor an address.
    ///   - detail: in words.
    public func note(action: String, object: String, detail: String = "", actor: String) async throws {
        _ = try await pool.query(
            """
            INSERT INTO audit (actor, action, object, detail, request_id)
            VALUES (\(actor), \(action), \(object), jsonb_build_object('change', \(detail)::text), \(AuditOrigin.requestID)::text)
            """
        )
    }
}
