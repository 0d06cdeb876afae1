import Foundation
public import Mail
public import Postgres

/// Tenants' templates. A version is never changed: mail that waits is filled with the one that it was accepted with, whatever
/// became of the template. Every statement but `version` names the tenant.
public struct TemplateStore: Sendable {
    public static let maximumTemplates = 1000
    /// Of all templates of a tenant, those that are kept for mail that may wait among them.
    public static let maximumVersions = 10_000
    /// A retired version is kept so long: mail is scheduled up to 30 days ahead, and tried for some days from then.
    private static let keeping = Duration.seconds(60 * 86_400)

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Throws: `DirectoryError` of code `conflict` for a name that is taken, or when the tenant has too many.
    public func create(_ name: String, _ source: TemplateSource, tenantID: Int32) async throws -> StoredTemplate {
        try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            try await Self.prepare(tenantID, on: connection)
            let count =
                try await connection.query(
                    "SELECT count(*) FROM template WHERE tenant_id = \(tenantID) AND deleted_at IS NULL"
                ).decode(Int.self).first ?? 0
            guard count < Self.maximumTemplates else {
                throw DirectoryError(.conflict, "there are \(count) templates, which is the most; delete one")
            }
            let made = try await connection.query(
                """
                INSERT INTO template (tenant_id, name) VALUES (\(tenantID), \(name))
                ON CONFLICT DO NOTHING RETURNING id
                """
            ).decode(Int64.self).first
            guard let id = made else {
                throw DirectoryError(.conflict, "there is a template '\(name)' already; PUT makes a new version of it")
            }
            return try await Self.add(source, version: 1, to: id, name, on: connection)
        }
    }

    /// Makes a new version of a template, which is the one that is used from then on. What it says already is no news.
    ///
    /// - Returns: nil when the tenant has no such template.
    public func replace(
        _ name: String,
        _ source: TemplateSource,
        tenantID: Int32
    ) async throws -> StoredTemplate? {
        try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            try await Self.prepare(tenantID, on: connection)
            let rows = try await connection.query(
                """
                SELECT id, version FROM template
                WHERE tenant_id = \(tenantID) AND name = \(name) AND deleted_at IS NULL FOR UPDATE
                """
            )
            guard let (id, version) = try rows.decode(Int64.self, Int.self).first else { return nil }
            let present = try await connection.query(Self.read(tenantID, name, version: nil)).map(Self.template).first
            if let present, present.source == source { return present }
            _ = try await connection.query(
                """
                UPDATE template_version SET retired_at = now()
                WHERE template_id = \(id) AND version = \(Int32(version))
                """
            )
            _ = try await connection.query(
                "UPDATE template SET version = version + 1, updated_at = now() WHERE id = \(id)"
            )
            return try await Self.add(source, version: version + 1, to: id, name, on: connection)
        }
    }

    /// Hides a template. - Returns: false when the tenant has no such template.
    public func delete(_ name: String, tenantID: Int32) async throws -> Bool {
        try await pool.scoped(to: .tenant(tenantID)).query(
            """
            WITH gone AS (
                UPDATE template SET deleted_at = now()
                WHERE tenant_id = \(tenantID) AND name = \(name) AND deleted_at IS NULL RETURNING id
            ), retired AS (
                UPDATE template_version SET retired_at = now()
                FROM gone WHERE template_id = gone.id AND retired_at IS NULL
            )
            SELECT id FROM gone
            """
        ).first != nil
    }

    /// In the order of names.
    public func templates(
        tenantID: Int32,
        limit: Int,
        after: String?,
        before: String?
    ) async throws -> [TemplateEntry] {
        var condition: SQL = "template.tenant_id = \(tenantID) AND deleted_at IS NULL"
        if let after { condition += " AND name > \(after)" }
        if let before { condition += " AND name < \(before)" }
        let order: SQL = before == nil ? "ORDER BY name" : "ORDER BY name DESC"
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT name, template.version, subject, template.created_at, template.updated_at
            FROM (SELECT * FROM template WHERE \(condition) \(order) LIMIT \(Int64(limit))) AS template
            JOIN template_version ON template_id = template.id AND template_version.version = template.version
            \(order)
            """
        ).decode(String.self, Int.self, String.self, Date.self, Date.self)
        let entries = rows.map {
            TemplateEntry(name: $0.0, version: $0.1, subject: $0.2, createdAt: $0.3, updatedAt: $0.4)
        }
        return before == nil ? entries : entries.reversed()
    }

    /// - Parameter version: nil for the newest.
    /// - Returns: nil when the tenant has no such template or version.
    public func template(_ name: String, version: Int?, tenantID: Int32) async throws -> StoredTemplate? {
        try await pool.scoped(to: .tenant(tenantID)).query(Self.read(tenantID, name, version: version)).map(
            Self.template
        ).first
    }

    /// The versions that there still are, newest first, without their texts.
    public func versions(
        of name: String,
        tenantID: Int32,
        limit: Int,
        after: Int?,
        before: Int?
    ) async throws -> [TemplateEntry]? {
        var condition: SQL = "template_id = template.id"
        if let after { condition += " AND version < \(Int32(clamping: after))" }
        if let before { condition += " AND version > \(Int32(clamping: before))" }
        let order: SQL = before == nil ? "ORDER BY version DESC" : "ORDER BY version"
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT v.version, v.subject, template.created_at, v.created_at
            FROM template LEFT JOIN LATERAL (
                SELECT * FROM template_version WHERE \(condition) \(order) LIMIT \(Int64(limit))
            ) AS v ON true
            WHERE tenant_id = \(tenantID) AND name = \(name) AND deleted_at IS NULL
            """
        ).decode(Int?.self, String?.self, Date.self, Date?.self)
        guard !rows.isEmpty else { return nil }
        let entries = rows.compactMap { row -> TemplateEntry? in
            guard let version = row.0, let subject = row.1, let updated = row.3 else { return nil }
            return TemplateEntry(name: name, version: version, subject: subject, createdAt: row.2, updatedAt: updated)
        }
        return before == nil ? entries : entries.reversed()
    }

    /// The number of a version, under which it is filled; nil when the tenant has no such template or version.
    ///
    /// A retired version that is still asked for is kept for the mail that it is asked for.
    public func number(of reference: TemplateReference, tenantID: Int32) async throws -> Int64? {
        try await pool.scoped(to: .tenant(tenantID)).query(
            """
            WITH found AS (
                SELECT v.id, v.retired_at FROM template JOIN template_version AS v
                  ON template_id = template.id
                 AND v.version = coalesce(\(reference.version.map(Int32.init)), template.version)
                WHERE tenant_id = \(tenantID) AND name = \(reference.name) AND deleted_at IS NULL
            ), kept AS (
                UPDATE template_version SET retired_at = now()
                FROM found WHERE template_version.id = found.id AND found.retired_at < now() - interval '1 day'
            )
            SELECT id FROM found
            """
        ).decode(Int64.self).first
    }

    /// What a version says, of a template that may have been deleted since.
    public func version(_ number: Int64) async throws -> TemplateSource? {
        try await pool.query("SELECT subject, text, html FROM template_version WHERE id = \(number)")
            .decode(String.self, String?.self, String?.self).first
            .map { TemplateSource(subject: $0.0, text: $0.1, html: $0.2) }
    }

    // MARK: Statements

    /// One writer of a tenant's at a time; and what no mail can need any more goes.
    private static func prepare(_ tenantID: Int32, on connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT 1 FROM tenant WHERE id = \(tenantID) FOR NO KEY UPDATE")
        _ = try await connection.query(
            """
            DELETE FROM template_version USING template
            WHERE template.id = template_id AND template.tenant_id = \(tenantID)
              AND retired_at < now() - \(keeping)
            """
        )
        _ = try await connection.query(
            "DELETE FROM template WHERE tenant_id = \(tenantID) AND deleted_at < now() - \(keeping)"
        )
        let versions =
            try await connection.query(
                """
                SELECT count(*) FROM template JOIN template_version ON template_id = template.id
                WHERE tenant_id = \(tenantID)
                """
            ).decode(Int.self).first ?? 0
        guard versions < maximumVersions else {
            throw DirectoryError(
                .conflict,
                "there are \(versions) versions of templates, which is the most; each goes 60 days after it was replaced"
            )
        }
    }

    private static func add(
        _ source: TemplateSource,
        version: Int,
        to id: Int64,
        _ name: String,
        on connection: PostgresConnection
    ) async throws -> StoredTemplate {
        let rows = try await connection.query(
            """
            WITH made AS (
                INSERT INTO template_version (template_id, version, subject, text, html)
                SELECT \(id), \(Int32(version)), \(source.subject), \(source.text), \(source.html)
                RETURNING created_at
            )
            SELECT template.created_at, made.created_at FROM template CROSS JOIN made WHERE template.id = \(id)
            """
        ).decode(Date.self, Date.self)
        guard let (created, updated) = rows.first else {
            throw DirectoryError(.conflict, "the template was removed meanwhile")
        }
        return StoredTemplate(name: name, version: version, source: source, createdAt: created, updatedAt: updated)
    }

    private static func read(_ tenantID: Int32, _ name: String, version: Int?) -> SQL {
        """
        SELECT name, v.version, subject, text, html, template.created_at, v.created_at
        FROM template JOIN template_version AS v
          ON template_id = template.id AND v.version = coalesce(\(version.map(Int32.init)), template.version)
        WHERE tenant_id = \(tenantID) AND name = \(name) AND deleted_at IS NULL
        """
    }

    private static func template(_ row: Row) throws -> StoredTemplate {
        StoredTemplate(
            name: try row[0, as: String.self],
            version: try row[1, as: Int.self],
            source: TemplateSource(
                subject: try row[2, as: String.self],
                text: try row[3, as: String?.self],
                html: try row[4, as: String?.self]
            ),
            createdAt: try row[5, as: Date.self],
            updatedAt: try row[6, as: Date.self]
        )
    }
}
