public import Foundation
public import Postgres

/// Makes, shows and revokes keys. Every change is audited and raises the directory's version, so that it is in force on every node
/// as soon as that has polled it.
public struct KeyStore: Sendable {
    /// Of one tenant: every node has them all in memory.
    static let maximumKeys = 200

    let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// A key that was just made, or made anew. Its text is not kept anywhere else.
    public struct Issued: Sendable {
        public let info: KeyInfo
        public let key: String

        public init(info: KeyInfo, key: String) {
            self.info = info
            self.key = key
        }

        public var id: UUID { info.id }
    }

    /// Makes a tenant's key.
    ///
    /// - Parameters:
    ///   - wanted: checked; what it does not say is as `maker` has it.
    ///   - maker: what the key may do that this one is made with; nil for those who run the gateway.
    /// - Throws: `DirectoryError.notFound` for an unknown tenant, `.exceeds` for more than its maker may do, `.conflict` when
    ///   the tenant has too many.
    public func create(
        tenant name: String,
        _ wanted: KeyChange = KeyChange(),
        within maker: KeyGrant? = nil,
        actor: String
    ) async throws -> Issued {
        let grant = wanted.applied(to: maker ?? KeyGrant())
        try Self.check(grant, within: maker)
        return try await create(
            grant.isTest ? .test : .live,
            grant,
            name: wanted.name ?? "",
            actor: actor,
            object: "tenant \(name)"
        ) { connection in
            guard
                let id = try await connection.query("SELECT id FROM tenant WHERE name = \(name) AND test_of IS NULL")
                    .decode(Int32.self).first
            else { throw DirectoryError(.notFound, "there is no tenant '\(name)'") }
            let keys = try await connection.query(
                "SELECT count(*) FROM api_key WHERE tenant_id = \(id) AND revoked_at IS NULL"
            ).decode(Int.self).first
            guard keys ?? 0 < Self.maximumKeys else {
                throw DirectoryError(
                    .conflict,
                    "the tenant has \(Self.maximumKeys) keys; revoke some that are not used"
                )
            }
            if grant.isTest { try await TestTenant.ensure(of: id, on: connection) }
            return id
        }
    }

    public func createAdmin(label: String, actor: String) async throws -> Issued {
        try await create(.admin, KeyGrant(), name: label, actor: actor, object: "admin \(label)") { _ in nil }
    }

    /// Some keys that are not revoked, in the order of their ids, which is that of their making.
    public func keys(of holder: KeyHolder, limit: Int, after: UUID? = nil, before: UUID? = nil) async throws
        -> [KeyInfo]
    {
        try await pool.query(
            """
            SELECT * FROM (
                SELECT \(KeyInfo.columns) FROM api_key LEFT JOIN tenant ON tenant.id = api_key.tenant_id
                WHERE \(Self.condition(holder))
                  AND (\(after)::uuid IS NULL OR api_key.id > \(after)::uuid)
                  AND (\(before)::uuid IS NULL OR api_key.id < \(before)::uuid)
                ORDER BY api_key.id \(raw: before == nil ? "ASC" : "DESC") LIMIT \(Int64(limit))
            ) AS page (id, name, hint, scopes, domains, regions, allowed_ips, expires_at, test, tenant, created_at,
                       last_used_at, old_until)
            ORDER BY id
            """
        ).map { try KeyInfo($0) }
    }

    /// Nil for one that is unknown, revoked or somebody else's.
    public func key(_ id: UUID, of holder: KeyHolder) async throws -> KeyInfo? {
        try await pool.withConnection { try await Self.find(id, holder, on: $0) }
    }

    private func create(
        _ kind: APIKey.Kind,
        _ grant: KeyGrant,
        name: String,
        actor: String,
        object: String,
        owner: @Sendable (PostgresConnection) async throws -> Int32?
    ) async throws -> Issued {
        let key = APIKey.generate(kind)
        return try await pool.withTransaction { connection in
            try await DirectoryChangeLog.begin(on: connection)
            let owner = try await owner(connection)
            let id = try await connection.query(
                """
                INSERT INTO api_key (id, tenant_id, label, hash, hint, test, scopes, domains, regions, allowed_ips, expires_at)
                VALUES (new_id(), \(owner), \(name), \(APIKey.hash(key)), \(APIKey.hint(key)), \(grant.isTest),
                        \(grant.scopeNames), \(grant.domains), \(grant.regions), \(grant.allowedIPs), \(grant.expiresAt))
                RETURNING id
                """
            ).decode(UUID.self).first
            guard let id, let info = try await Self.find(id, .anybody, on: connection) else {
                throw DirectoryError(.notFound, "the key that was made is not there")
            }
            try await Self.record("create", info, of: object, actor: actor, on: connection)
            return Issued(info: info, key: key)
        }
    }

    /// - Throws: `DirectoryError.exceeds`.
    static func check(_ grant: KeyGrant, within maker: KeyGrant?) throws {
        if let excess = maker?.excess(of: grant) { throw DirectoryError(.exceeds, excess) }
    }

    static func condition(_ holder: KeyHolder) -> SQL {
        switch holder {
        case .tenant(let id, let onlyTest):
            "api_key.revoked_at IS NULL AND api_key.tenant_id = \(id) AND (api_key.test OR NOT \(onlyTest))"
        case .anybody: "api_key.revoked_at IS NULL"
        }
    }

    static func find(_ id: UUID, _ holder: KeyHolder, on connection: PostgresConnection) async throws -> KeyInfo? {
        try await connection.query(
            """
            SELECT \(KeyInfo.columns) FROM api_key LEFT JOIN tenant ON tenant.id = api_key.tenant_id
            WHERE api_key.id = \(id) AND \(condition(holder))
            """
        ).first.map { try KeyInfo($0) }
    }

    static func record(
        _ action: String,
        _ key: KeyInfo,
        of object: String? = nil,
        detail: String = "",
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        let owner = object ?? key.tenant.map { "tenant \($0)" } ?? "admin \(key.name)"
        let entry = DirectoryChangeLog.Entry(
            action: action,
            object: "key \(key.id.uuidString.lowercased()) of \(owner)",
            detail: detail
        )
        try await DirectoryChangeLog.record([entry], actor: actor, on: connection)
    }
}

extension KeyGrant {
    /// The scopes as they are stored and shown.
    public var scopeNames: [String] { KeyScope.allCases.filter(scopes.contains).map(\.rawValue) }
}
