public import Postgres
public import Sealing

/// Seals secrets that are not yet, and those sealed under older data keys, so that nothing needs the older ones.
public struct SecretSealing: Sendable {
    private static let batch: Int32 = 100

    private let pool: PostgresPool
    private let vault: Vault

    public init(pool: PostgresPool, vault: Vault) {
        self.pool = pool
        self.vault = vault
    }

    /// Goes through all endpoints; each is written by itself, and one that changed meanwhile is left to the next time.
    ///
    /// - Returns: how many were written.
    public func run() async throws -> Int {
        var written = 0
        var last = PostgresUUID(high: 0, low: 0)
        while true {
            try Task.checkCancellation()
            let rows = try await pool.query(
                """
                SELECT id, tenant_id, secret, secret_sealed, coalesce(old_secret, ''), old_secret_sealed
                FROM webhook_endpoint WHERE id > \(last) ORDER BY id LIMIT \(Self.batch)
                """
            ).decode(PostgresUUID.self, Int32.self, [UInt8].self, Bool.self, [UInt8].self, Bool.self)
            for (id, tenantID, secret, isSealed, old, oldIsSealed) in rows {
                let now = try await sealed(StoredSecret(bytes: secret, isSealed: isSealed), id, tenantID)
                let before =
                    old.isEmpty ? nil : try await sealed(StoredSecret(bytes: old, isSealed: oldIsSealed), id, tenantID)
                guard now != nil || before != nil else { continue }
                written += try await pool.query(
                    """
                    UPDATE webhook_endpoint SET
                        secret = coalesce(\(now?.bytes), secret), secret_sealed = secret_sealed OR \(now != nil),
                        old_secret = coalesce(\(before?.bytes), old_secret),
                        old_secret_sealed = old_secret_sealed OR \(before != nil)
                    WHERE id = \(id) AND secret = \(secret) AND coalesce(old_secret, '') = \(old) RETURNING id
                    """
                ).count
            }
            guard let next = rows.last?.0 else { return written }
            last = next
        }
    }

    /// Nil when it is sealed under the current key.
    private func sealed(
        _ stored: StoredSecret,
        _ id: PostgresUUID,
        _ tenantID: Int32
    ) async throws(SealingError) -> StoredSecret? {
        if stored.isSealed, try await vault.isCurrent(stored.bytes) { return nil }
        let secret = try await stored.secret(endpoint: id, tenantID: tenantID, vault: vault)
        let sealed = try await StoredSecret(secret, endpoint: id, tenantID: tenantID, vault: vault)
        return sealed.isSealed ? sealed : nil
    }
}
