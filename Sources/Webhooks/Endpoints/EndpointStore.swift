import Directory
public import Foundation
import Mail
import Outbox
public import Postgres
public import Sealing
import Signing

/// Tenants' webhook endpoints. Every statement names the tenant; every change leaves a line in the audit.
public struct EndpointStore: Sendable {
    /// What one tenant may have.
    public static let limit = 50

    let pool: PostgresPool
    let feed: FeedReader
    private let vault: Vault?

    /// - Parameter vault: seals secrets.
    public init(pool: PostgresPool, vault: Vault? = nil) {
        self.pool = pool
        self.vault = vault
        feed = FeedReader(pool: pool)
    }

    /// An endpoint whose secret was just made. The secret's text is shown here and nowhere else.
    public struct Issued: Sendable {
        public let endpoint: WebhookEndpoint
        public let secret: String

        public init(endpoint: WebhookEndpoint, secret: String) {
            self.endpoint = endpoint
            self.secret = secret
        }
    }

    /// Makes an endpoint, which hears of what happens from now on.
    ///
    /// - Parameter settings: checked ones, with a URL.
    /// - Throws: `EndpointError.conflict` when the tenant has too many.
    public func create(_ settings: EndpointChange, tenantID: Int32, actor: String) async throws -> Issued {
        guard let url = settings.url else {
            throw EndpointCheck.invalid([.init(pointer: "/url", detail: "is required")])
        }
        let filter = try EndpointRow.json(settings.filter ?? FilterSettings())
        let secret = WebhookSecret.generate()
        let end = try await end(tenantID: tenantID)
        guard let id = try await pool.query("SELECT new_id()").decode(PostgresUUID.self).first else {
            throw EndpointError.noEndpoint
        }
        let stored = try await StoredSecret(secret, endpoint: id, tenantID: tenantID, vault: vault)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            // Of two requests at once, one waits for the other's count.
            _ = try await connection.query("SELECT FROM tenant WHERE id = \(tenantID) FOR NO KEY UPDATE")
            let count = try await connection.query(
                "SELECT count(*) FROM webhook_endpoint WHERE tenant_id = \(tenantID)"
            ).decode(Int.self).first
            guard (count ?? 0) < Self.limit else {
                throw EndpointError(.conflict, "the tenant has \(Self.limit) webhooks, which is all it may; delete one")
            }
            let rows = try await connection.query(
                """
                INSERT INTO webhook_endpoint (id, tenant_id, url, description, events, filter, max_rate, secret,
                                              secret_sealed, cursor_seq, cursor_at)
                SELECT \(id), \(tenantID), \(url), \(settings.description ?? ""), \(settings.events ?? nil),
                       \(filter)::jsonb, \((settings.maxRate ?? nil).map { Int32($0) }), \(stored.bytes),
                       \(stored.isSealed), \(end.seq), \(end.at)
                RETURNING \(EndpointRow.columns)
                """
            )
            guard let row = rows.first else { throw EndpointError.noEndpoint }
            let endpoint = try EndpointRow.endpoint(row)
            try await audit("create", endpoint.id, tenantID: tenantID, actor: actor, on: connection)
            return Issued(endpoint: endpoint, secret: secret.text)
        }
    }

    /// Up to `limit` endpoints, newest first.
    ///
    /// - Parameters:
    ///   - after: only what comes after this one in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func endpoints(tenantID: Int32, limit: Int, after: UUID?, before: UUID?) async throws -> [WebhookEndpoint] {
        let endpoints = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT \(EndpointRow.columns) FROM webhook_endpoint
            WHERE tenant_id = \(tenantID) AND (\(after)::uuid IS NULL OR id < \(after)::uuid)
              AND (\(before)::uuid IS NULL OR id > \(before)::uuid)
            ORDER BY id \(raw: before == nil ? "DESC" : "ASC") LIMIT \(Int64(limit))
            """
        ).map(EndpointRow.endpoint)
        return before == nil ? endpoints : endpoints.reversed()
    }

    /// - Returns: nil when the tenant has no such endpoint.
    public func endpoint(_ id: UUID, tenantID: Int32) async throws -> WebhookEndpoint? {
        try await pool.scoped(to: .tenant(tenantID)).query(
            "SELECT \(EndpointRow.columns) FROM webhook_endpoint WHERE id = \(id) AND tenant_id = \(tenantID)"
        ).first.map(EndpointRow.endpoint)
    }

    /// Removes an endpoint; what waits for it is discarded.
    public func delete(_ id: UUID, tenantID: Int32, actor: String) async throws {
        try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            _ = try await EndpointStatements.locked(id, tenantID: tenantID, on: connection)
            _ = try await connection.query(EndpointStatements.discardQueue(id))
            _ = try await connection.query(
                "DELETE FROM webhook_endpoint WHERE id = \(id) AND tenant_id = \(tenantID)"
            )
            try await audit("delete", id, tenantID: tenantID, actor: actor, on: connection)
        }
    }

    /// Gives an endpoint a new secret; the one before signs too for `overlap` seconds. Without an overlap every secret before
    /// ends at once.
    ///
    /// - Throws: `EndpointError.conflict` while the overlap of the rotation before runs, unless none is wanted: there is room
    ///   for one old secret, and it was promised its time.
    public func rotate(_ id: UUID, overlap: Int, tenantID: Int32, actor: String) async throws -> Issued {
        let secret = WebhookSecret.generate()
        let stored = try await StoredSecret(secret, endpoint: PostgresUUID(id), tenantID: tenantID, vault: vault)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            let before = try await EndpointStatements.locked(id, tenantID: tenantID, on: connection)
            guard before.oldSecretUntil == nil || overlap == 0 else {
                throw EndpointError(
                    .conflict,
                    "the secret before the last rotation still signs (see old_secret_until); rotate again after that, "
                        + "or with {\"overlap\": 0}, which ends all secrets but the new one at once"
                )
            }
            let rows = try await connection.query(
                """
                UPDATE webhook_endpoint SET
                    old_secret = CASE WHEN \(overlap > 0) THEN secret END,
                    old_secret_sealed = \(overlap > 0) AND secret_sealed,
                    old_until = CASE WHEN \(overlap > 0)
                                     THEN clock_timestamp() + make_interval(secs => \(Double(overlap))) END,
                    secret = \(stored.bytes), secret_sealed = \(stored.isSealed), version = version + 1
                WHERE id = \(id) AND tenant_id = \(tenantID) RETURNING \(EndpointRow.columns)
                """
            )
            guard let row = rows.first else { throw EndpointError.noEndpoint }
            let detail = "secret rotated, the one before signs for \(overlap) s"
            try await audit("rotate", id, tenantID: tenantID, detail: detail, actor: actor, on: connection)
            return Issued(endpoint: try EndpointRow.endpoint(row), secret: secret.text)
        }
    }

    /// The end of a tenant's feed. Of an empty one: the day before, because its first event may be on its way.
    func end(tenantID: Int32) async throws -> FeedPosition {
        let head = try await feed.head(tenantID: tenantID)
        return head.seq > 0 ? head : FeedPosition(seq: 0, at: Date().addingTimeInterval(-86_400))
    }

    func audit(
        _ action: String,
        _ id: UUID,
        tenantID: Int32,
        detail: String = "",
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            AuditLog.entry(
                action: action,
                object: "webhook \(id.uuidString.lowercased())",
                tenantID: tenantID,
                detail: detail,
                actor: actor
            )
        )
    }
}
