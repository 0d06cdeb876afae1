public import Mail
public import Postgres
public import Sealing

/// Takes down that somebody does not want a tenant's bulk mail any more: suppression and event in one transaction.
public struct UnsubscribeStore: Sendable {
    private let pool: PostgresPool
    private let pseudonyms: Pseudonyms?

    /// - Parameter pseudonyms: under which an address is suppressed that was erased after the mail went to it.
    public init(pool: PostgresPool, pseudonyms: Pseudonyms? = nil) {
        self.pool = pool
        self.pseudonyms = pseudonyms
    }

    /// Suppresses the address for the tenant's bulk mail. To do so again changes nothing, and records nothing.
    ///
    /// - Parameters:
    ///   - copy: the row whose link was used. It may have been dropped long ago.
    /// - Returns: whether it is news; false too when the tenant is gone.
    public func unsubscribe(_ email: String, from copy: OutboxID, tenantID: Int32) async throws -> Bool {
        do {
            return try await write(email, copy, tenantID, isKept: true)
        } catch let error as PostgresError where error.sqlState == .checkViolation {
            // The day of its events is dropped already, its own is not yet.
            return try await write(email, copy, tenantID, isKept: false)
        }
    }

    /// - Parameter isKept: whether the event stands beside the row's others, if there is such a row; else it stands alone.
    private func write(
        _ email: String,
        _ copy: OutboxID,
        _ tenantID: Int32,
        isKept: Bool
    ) async throws -> Bool {
        let type = EventType.unsubscribed.rawValue
        let id = PostgresUUID(high: copy.high, low: copy.low)
        let stream = MessageStream.bulk.rawValue
        let pseudonym = try await pseudonyms?.name(of: email, tenantID: tenantID)
        let news =
            try await pool.scoped(to: .tenant(tenantID)).query(
                """
                WITH copy AS (
                    SELECT id, status FROM outbox WHERE id = \(id) AND tenant_id = \(tenantID) AND \(isKept)
                ), address AS (
                    -- An address that was erased meanwhile is not brought back, also where its copy is forgotten.
                    SELECT coalesce((SELECT lower(outbox.email) FROM outbox
                                     WHERE id = \(id) AND tenant_id = \(tenantID) AND is_pseudonym(outbox.email)),
                                    (SELECT pseudonym FROM erasure WHERE tenant_id = \(tenantID)
                                         AND pseudonym = \(pseudonym) AND last_id >= \(id) LIMIT 1),
                                    \(email.lowercased())::text) AS email
                ), added AS (
                    INSERT INTO suppression (tenant_id, email, stream, reason, outbox_id)
                    SELECT tenant.id, address.email, \(stream), 'unsubscribe', \(id)
                    FROM tenant CROSS JOIN address WHERE tenant.id = \(tenantID)
                    ON CONFLICT DO NOTHING RETURNING tenant_id, email
                ), happened AS (
                    SELECT added.tenant_id, coalesce((SELECT copy.id FROM copy), new_id()) AS id,
                           \(type) || ':' || new_id() AS identity, \(type)::text AS type, (SELECT copy.status FROM copy) AS status,
                           jsonb_build_object('message_id', message_of(\(id)), 'recipient', added.email,
                                              'stream', \(stream)::text) AS data
                    FROM added
                ), \(EventRecord.record("happened"))
                SELECT count(*) FROM added
                """
            ).decode(Int.self).first ?? 0
        return news > 0
    }
}
