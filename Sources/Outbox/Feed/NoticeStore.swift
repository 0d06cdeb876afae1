public import Postgres

/// Records what a tenant is to know that is about no message, such as an endpoint that was disabled.
public struct NoticeStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Records a notice and puts it into the tenant's feed.
    ///
    /// - Parameters:
    ///   - type: such as `webhook.disabled`; letters, dots and underscores.
    ///   - data: a JSON object.
    public func publish(type: String, data: String, tenantID: Int32, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            WITH \(EventRecord.record("(SELECT \(tenantID)::integer AS tenant_id, new_id() AS id, \(type)::text AS identity, \(type)::text AS type, NULL::smallint AS status, \(data)::jsonb AS data)"))
            SELECT count(*) FROM told
            """
        )
    }

    /// Records a notice that is told to one endpoint only, and keeps it out of the feed.
    public func record(type: String, data: String, tenantID: Int32) async throws -> EventReference {
        let rows = try await pool.query(
            """
            INSERT INTO event (tenant_id, outbox_id, identity, id, type, data)
            SELECT \(tenantID), id, \(type), id, \(type), \(data)::jsonb FROM new_id() AS id
            RETURNING outbox_id
            """
        )
        guard let id = try rows.decode(PostgresUUID.self).first else { throw NoticeStoreError() }
        return EventReference(outboxID: id, identity: type)
    }
}

/// The database answered an insert with nothing.
struct NoticeStoreError: Error {}
