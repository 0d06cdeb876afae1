public import Postgres
public import Sealing

/// All that there is of one tenant, as lines of JSON: `{"table": ..., "row": {...}}`. Reads a page at a time, each as it is then.
///
/// Keys' hashes and webhooks' secrets are not part of it: they were shown once, and are of use to nobody else.
public struct TenantExport: Sendable {
    static let page: Int32 = 500

    let pool: PostgresPool
    let seal: MailSeal

    public init(pool: PostgresPool, vault: Vault?) {
        self.pool = pool
        seal = MailSeal(vault: vault)
    }

    /// A table that has the tenant's number, the column by whose order it is read, and what of it is nobody's business.
    private struct Part {
        var table: String
        var key: String
        var type: String
        var first: String
        var without: [String] = []
        /// Which rows, where the key is the key of these alone.
        var condition: SQL = "true"
    }

    private static let parts: [Part] = [
        Part(table: "api_key", key: "id", type: "uuid", first: lowest, without: ["hash", "old_hash"]),
        Part(table: "suppression", key: "email", type: "text", first: "", condition: "stream = ''"),
        Part(table: "suppression", key: "email", type: "text", first: "", condition: "stream = 'transactional'"),
        Part(table: "suppression", key: "email", type: "text", first: "", condition: "stream = 'bulk'"),
        Part(table: "template", key: "id", type: "bigint", first: "-1"),
        Part(
            table: "webhook_endpoint",
            key: "id",
            type: "uuid",
            first: lowest,
            without: ["secret", "old_secret", "secret_sealed", "old_secret_sealed"]
        ),
        Part(table: "message", key: "id", type: "uuid", first: lowest),
        Part(table: "outbox", key: "id", type: "uuid", first: lowest, without: ["address_hash"]),
        Part(table: "webhook_delivery", key: "id", type: "uuid", first: lowest),
        Part(table: "erasure", key: "id", type: "uuid", first: lowest, without: ["email"]),
    ]

    private static let lowest = "00000000-0000-0000-0000-000000000000"

    /// Hands every line to `write`, which the reading waits for.
    ///
    /// What the tenant's test keys sent is another tenant's, and comes behind the tenant's own.
    public func run(tenantID: Int32, write: (String) async throws -> Void) async throws {
        try await runOne(tenantID, write: write)
        let tests = try await pool.query("SELECT id FROM tenant WHERE test_of = \(tenantID)").decode(Int32.self)
        for tenantID in tests { try await runOne(tenantID, write: write) }
    }

    private func runOne(_ tenantID: Int32, write: (String) async throws -> Void) async throws {
        let settings = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT 'tenant', to_jsonb(t)::text FROM tenant AS t WHERE id = \(tenantID)
            UNION ALL SELECT 'route', to_jsonb(r)::text FROM route AS r WHERE tenant_id = \(tenantID)
            UNION ALL SELECT 'lane', to_jsonb(l)::text FROM lane AS l WHERE tenant_id = \(tenantID)
            UNION ALL SELECT 'reputation', to_jsonb(s)::text FROM reputation AS s WHERE tenant_id = \(tenantID)
            UNION ALL SELECT 'tenant_retention', to_jsonb(k)::text FROM tenant_retention AS k WHERE tenant_id = \(tenantID)
            """
        ).decode(String.self, String.self)
        for (table, row) in settings { try await write(Self.line(table, row)) }
        for part in Self.parts { try await export(part, tenantID: tenantID, write: write) }
        try await exportUsage(tenantID, write: write)
        try await exportVersions(tenantID, write: write)
        try await exportEvents(tenantID, write: write)
        try await exportContents(tenantID, write: write)
    }

    static func line(_ table: String, _ row: String) -> String {
        "{\"table\": \"\(table)\", \"row\": \(row)}\n"
    }

    private func export(_ part: Part, tenantID: Int32, write: (String) async throws -> Void) async throws {
        var last = part.first
        while true {
            let rows = try await pool.scoped(to: .tenant(tenantID)).query(
                """
                SELECT \(raw: part.key)::text, (to_jsonb(t) - \(part.without))::text FROM \(raw: part.table) AS t
                WHERE tenant_id = \(tenantID) AND \(part.condition) AND \(raw: part.key) > \(last)::text::\(raw: part.type)
                ORDER BY t.\(raw: part.key) LIMIT \(Self.page)
                """
            ).decode(String.self, String.self)
            for (_, row) in rows { try await write(Self.line(part.table, row)) }
            guard rows.count == Int(Self.page), let next = rows.last?.0 else { return }
            last = next
        }
    }

    private func exportUsage(_ tenantID: Int32, write: (String) async throws -> Void) async throws {
        var last = (day: "-infinity", region: "")
        while true {
            let rows = try await pool.scoped(to: .tenant(tenantID)).query(
                """
                SELECT day::text, region, to_jsonb(t)::text FROM usage_day AS t
                WHERE tenant_id = \(tenantID) AND (day, region) > (\(last.day)::text::date, \(last.region)::text)
                ORDER BY day, region LIMIT \(Self.page)
                """
            ).decode(String.self, String.self, String.self)
            for (_, _, row) in rows { try await write(Self.line("usage_day", row)) }
            guard rows.count == Int(Self.page), let next = rows.last else { return }
            last = (next.0, next.1)
        }
    }

    private func exportVersions(_ tenantID: Int32, write: (String) async throws -> Void) async throws {
        var last: Int64 = -1
        while true {
            let rows = try await pool.scoped(to: .tenant(tenantID)).query(
                """
                SELECT v.id, to_jsonb(v)::text FROM template JOIN template_version AS v ON v.template_id = template.id
                WHERE template.tenant_id = \(tenantID) AND v.id > \(last) ORDER BY v.id LIMIT \(Self.page)
                """
            ).decode(Int64.self, String.self)
            for (_, row) in rows { try await write(Self.line("template_version", row)) }
            guard rows.count == Int(Self.page), let next = rows.last?.0 else { return }
            last = next
        }
    }

    /// A row's events are read together, so that the place among them is the row's.
    private func exportEvents(_ tenantID: Int32, write: (String) async throws -> Void) async throws {
        var last = (row: PostgresUUID(high: 0, low: 0), identity: "")
        while true {
            let rows = try await pool.scoped(to: .tenant(tenantID)).query(
                """
                SELECT outbox_id, identity, to_jsonb(t)::text FROM event AS t
                WHERE tenant_id = \(tenantID) AND (outbox_id, identity) > (\(last.row), \(last.identity))
                ORDER BY outbox_id, identity LIMIT \(Self.page)
                """
            ).decode(PostgresUUID.self, String.self, String.self)
            for (_, _, row) in rows { try await write(Self.line("event", row)) }
            guard rows.count == Int(Self.page), let next = rows.last else { return }
            last = (next.0, next.1)
        }
    }
}
