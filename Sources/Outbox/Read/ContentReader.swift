public import Mail
public import Postgres
public import Sealing

/// Opens what a message says, for the tenant whose it is.
public struct ContentReader: Sendable {
    private let pool: PostgresPool
    private let seal: MailSeal

    public init(pool: PostgresPool, vault: Vault?) {
        self.pool = pool
        seal = MailSeal(vault: vault)
    }

    /// Nil when the tenant has no such message.
    public func content(of id: MessageID, tenantID: Int32) async throws -> KeptContent? {
        let known = try await pool.scoped(to: .tenant(tenantID)).query(
            "SELECT 1::bigint FROM message WHERE id = \(id.uuid) AND tenant_id = \(tenantID)"
        ).decode(Int.self)
        guard !known.isEmpty else { return nil }
        // As the owner: what serves tenants sees no bodies. By the id of a message that is the tenant's.
        let found = try await pool.query(
            """
            SELECT kind, content FROM body WHERE id = \(id.uuid)
            UNION ALL SELECT kind, content FROM body_kept WHERE id = \(id.uuid) LIMIT 1
            """
        ).decode(Int16.self, [UInt8].self).first
        guard let (stored, bytes) = found else { return .removed }
        let isSealed = stored >= StoredContent.sealedMark
        guard let kind = StoredContent.Kind(rawValue: isSealed ? stored - StoredContent.sealedMark : stored) else {
            return .sealed
        }
        var opened = bytes
        if isSealed {
            do throws(SealingError) {
                opened = try await seal.open(bytes, at: SealedPlace(.body, tenantID: tenantID, id: id.uuid))
            } catch {
                return .sealed
            }
        }
        switch try StoredContent(kind: kind, bytes: opened).form() {
        case .whole(let content): return .whole(content)
        case .templated(let content): return .templated(content)
        }
    }
}
