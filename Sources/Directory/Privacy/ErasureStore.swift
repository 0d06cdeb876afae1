public import Foundation
public import Mail
public import Postgres
public import Sealing

/// Takes wishes to have an address erased, and says how far they have come. Every statement names the tenant.
public struct ErasureStore: Sendable {
    private let pool: PostgresPool
    private let pseudonyms: Pseudonyms

    public init(pool: PostgresPool, pseudonyms: Pseudonyms) {
        self.pool = pool
        self.pseudonyms = pseudonyms
    }

    /// Begins to erase an address from all that there is of the tenant's now. While one of the same address goes on, it is
    /// answered with that.
    ///
    /// What the tenant's test keys sent is another tenant's, and erased beside it.
    public func start(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Erasure {
        let tests = try await pool.query("SELECT id FROM tenant WHERE test_of = \(tenantID)").decode(Int32.self)
        for tenantID in tests { _ = try await begin(email, tenantID: tenantID, actor: actor) }
        return try await begin(email, tenantID: tenantID, actor: actor)
    }

    private func begin(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Erasure {
        let pseudonym = try await pseudonyms.name(of: email.matchKey, tenantID: tenantID)
        for _ in 0..<3 {
            let erasure = try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection -> Erasure? in
                let made = try await connection.query(
                    """
                    INSERT INTO erasure (id, tenant_id, pseudonym, email, last_id)
                    SELECT new_id(), \(tenantID), \(pseudonym), \(email.matchKey),
                           first_id_at(clock_timestamp() + interval '1 minute')
                    ON CONFLICT DO NOTHING RETURNING \(Self.columns)
                    """
                )
                if let row = made.first {
                    let object = "erasure of an address"
                    _ = try await connection.query(
                        AuditLog.entry(
                            action: "create",
                            object: object,
                            tenantID: tenantID,
                            detail: pseudonym,
                            actor: actor
                        )
                    )
                    return try Self.erasure(row)
                }
                return try await connection.query(
                    """
                    SELECT \(Self.columns) FROM erasure
                    WHERE tenant_id = \(tenantID) AND pseudonym = \(pseudonym) AND ended_at IS NULL
                    """
                ).first.map(Self.erasure)
            }
            // Between the two statements it may have ended.
            if let erasure { return erasure }
        }
        throw DirectoryError(.conflict, "an erasure of the address has just ended; try again")
    }

    /// - Returns: nil when the tenant has no such erasure.
    public func erasure(_ id: UUID, tenantID: Int32) async throws -> Erasure? {
        try await pool.scoped(to: .tenant(tenantID)).query(
            "SELECT \(Self.columns) FROM erasure WHERE id = \(id) AND tenant_id = \(tenantID)"
        ).first.map(Self.erasure)
    }

    private static let columns: SQL = """
        id, pseudonym, canceled, recipients, events, bodies, suppressions, created_at, ended_at
        """

    private static func erasure(_ row: Row) throws -> Erasure {
        Erasure(
            id: try row[0, as: UUID.self],
            pseudonym: try row[1, as: String.self],
            canceled: try row[2, as: Int64.self],
            recipients: try row[3, as: Int64.self],
            events: try row[4, as: Int64.self],
            bodies: try row[5, as: Int64.self],
            suppressions: try row[6, as: Int64.self],
            createdAt: try row[7, as: Date.self],
            endedAt: try row[8, as: Date?.self]
        )
    }
}
