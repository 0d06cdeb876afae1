public import Postgres

/// Keeps what tenants wish about retention.
public struct RetentionStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    public func wish(tenantID: Int32) async throws -> RetentionWish {
        try Self.wish(try await pool.query(Self.stored(tenantID))) ?? RetentionWish()
    }

    private static func stored(_ tenantID: Int32) -> SQL {
        "SELECT bodies, addresses, events FROM tenant_retention WHERE tenant_id = \(tenantID)"
    }

    private static func wish(_ rows: Rows) throws -> RetentionWish? {
        try rows.decode(Duration?.self, Duration?.self, Duration?.self).first
            .map { RetentionWish(bodies: $0.0, addresses: $0.1, events: $0.2) }
    }

    /// Sets all of it; what is shorter than before is met by the next passes.
    public func set(_ wish: RetentionWish, tenantID: Int32, actor: String) async throws {
        try await pool.withTransaction { connection in
            let before = try Self.wish(try await connection.query("\(Self.stored(tenantID)) FOR UPDATE"))
            _ = try await connection.query(
                """
                INSERT INTO tenant_retention (tenant_id, bodies, addresses, events)
                SELECT \(tenantID), \(wish.bodies), \(wish.addresses), \(wish.events)
                ON CONFLICT (tenant_id) DO UPDATE
                    SET bodies = excluded.bodies, addresses = excluded.addresses, events = excluded.events
                """
            )
            func text(_ duration: Duration?) -> String { duration.map { "\($0.components.seconds) s" } ?? "all" }
            let detail = "bodies \(text(wish.bodies)), addresses \(text(wish.addresses)), events \(text(wish.events))"
            _ = try await connection.query(
                AuditLog.entry(
                    action: "change",
                    object: "retention",
                    tenantID: tenantID,
                    detail: detail,
                    before: before.map(Self.audited),
                    after: Self.audited(wish),
                    actor: actor
                )
            )
        }
    }

    /// In seconds, as a JSON object.
    private static func audited(_ wish: RetentionWish) -> String {
        func seconds(_ duration: Duration?) -> String { duration.map { "\($0.components.seconds)" } ?? "null" }
        return "{\"bodies\": \(seconds(wish.bodies)), \"addresses\": \(seconds(wish.addresses)), "
            + "\"events\": \(seconds(wish.events))}"
    }
}
