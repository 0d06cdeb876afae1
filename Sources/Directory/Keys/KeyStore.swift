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
    ///   - maker: the key that this one is made with; nil for those who run the gateway.
    /// - Throws: `DirectoryError.notFound` for an unknown tenant, `.exceeds` for more than its maker may do, `.ended` for a maker that
    ///   is none any more, `.conflict` when the tenant has too many.
    public func create(
        tenant name: String,
        _ wanted: KeyChange = KeyChange(),
        within maker: KeyMaker? = nil,
        actor: String
    ) async throws -> Issued {
        let grant = wanted.applied(to: maker?.grant ?? KeyGrant())
        try Self.check(grant, within: maker?.grant)
        let id = try await owner(name, makingTests: grant.isTest)
        return try await create(
            grant.isTest ? .test : .live,
            grant,
            name: wanted.name ?? "",
            actor: actor,
            object: "tenant \(name)",
            of: .tenant(id, onlyTest: false)
        ) { connection in
            try Self.check(grant, within: try await Self.present(maker, on: connection))
            let keys = try await connection.query(
                """
                SELECT (SELECT count(*) FROM api_key WHERE tenant_id = \(id) AND revoked_at IS NULL)
                FROM tenant WHERE id = \(id)
                """
            ).decode(Int.self).first
            guard let keys else { throw Self.noTenant(name) }
            guard keys < Self.maximumKeys else {
                throw DirectoryError(
                    .conflict,
                    "the tenant has \(Self.maximumKeys) keys; revoke some that are not used"
                )
            }
            return id
        }
    }

    /// A tenant's number. Where its tests are to live is another tenant, which cannot be made behind the wall of this one.
    private func owner(_ name: String, makingTests: Bool) async throws -> Int32 {
        try await pool.withTransaction { connection in
            if makingTests { try await DirectoryChangeLog.begin(on: connection) }
            guard
                let id = try await connection.query("SELECT id FROM tenant WHERE name = \(name) AND test_of IS NULL")
                    .decode(Int32.self).first
            else { throw Self.noTenant(name) }
            if makingTests { try await TestTenant.ensure(of: id, on: connection) }
            return id
        }
    }

    private static func noTenant(_ name: String) -> DirectoryError {
        DirectoryError(.notFound, "there is no tenant '\(name)'")
    }

    public func createAdmin(label: String, actor: String) async throws -> Issued {
        try await create(.admin, KeyGrant(), name: label, actor: actor, object: "admin \(label)", of: .anybody) { _ in
            nil
        }
    }

    /// Some keys that are not revoked, in the order of their ids, which is that of their making.
    public func keys(of holder: KeyHolder, limit: Int, after: UUID? = nil, before: UUID? = nil) async throws
        -> [KeyInfo]
    {
        try await query(
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
            """,
            of: holder
        ).map { try KeyInfo($0) }
    }

    /// Nil for one that is unknown, revoked or somebody else's.
    public func key(_ id: UUID, of holder: KeyHolder) async throws -> KeyInfo? {
        try await query(Self.lookup(id, holder), of: holder).first.map { try KeyInfo($0) }
    }

    private func query(_ statement: SQL, of holder: KeyHolder) async throws -> Rows {
        switch holder {
        case .tenant(let id, _): return try await pool.scoped(to: .tenant(id)).query(statement)
        case .anybody: return try await pool.query(statement)
        }
    }

    /// A transaction behind the wall of the tenant whose keys they are; of those who run the gateway without one.
    func transaction<Value>(
        of holder: KeyHolder,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        switch holder {
        case .tenant(let id, _):
            return try await pool.scoped(to: .tenant(id)).withTransaction { try await body($0) }
        case .anybody:
            return try await pool.withTransaction { try await body($0) }
        }
    }

    private func create(
        _ kind: APIKey.Kind,
        _ grant: KeyGrant,
        name: String,
        actor: String,
        object: String,
        of holder: KeyHolder,
        owner: @Sendable (PostgresConnection) async throws -> Int32?
    ) async throws -> Issued {
        let key = APIKey.generate(kind)
        return try await transaction(of: holder) { connection in
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
            try await Self.record("create", info, of: object, over: [:], actor: actor, on: connection)
            return Issued(info: info, key: key)
        }
    }

    /// What a maker may do now. Every change of a key waits for those before, so whoever was revoked makes nothing any more, however
    /// late a node hears of it.
    ///
    /// - Throws: `DirectoryError.ended`.
    static func present(_ maker: KeyMaker?, on connection: PostgresConnection) async throws -> KeyGrant? {
        guard let maker else { return nil }
        let row = try await connection.query(
            """
            SELECT \(KeyInfo.columns) FROM api_key LEFT JOIN tenant ON tenant.id = api_key.tenant_id
            WHERE api_key.id = \(maker.id) AND api_key.revoked_at IS NULL
              AND coalesce(api_key.expires_at > clock_timestamp(), true)
            """
        ).first
        guard let row else { throw DirectoryError(.ended, "the key was revoked meanwhile, or has expired") }
        return try KeyInfo(row).grant
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
        try await connection.query(lookup(id, holder)).first.map { try KeyInfo($0) }
    }

    private static func lookup(_ id: UUID, _ holder: KeyHolder) -> SQL {
        """
        SELECT \(KeyInfo.columns) FROM api_key LEFT JOIN tenant ON tenant.id = api_key.tenant_id
        WHERE api_key.id = \(id) AND \(condition(holder))
        """
    }

    /// The name that the audit has for a key.
    static func audited(_ key: KeyInfo, of object: String? = nil) -> String {
        "key \(key.id.uuidString.lowercased()) of \(object ?? key.tenant.map { "tenant \($0)" } ?? "admin \(key.name)")"
    }

    /// - Parameter before: what the key was, as `AuditedState` has it.
    static func record(
        _ action: String,
        _ key: KeyInfo,
        of object: String? = nil,
        detail: String = "",
        over before: [String: String],
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        let entry = DirectoryChangeLog.Entry(action: action, object: audited(key, of: object), detail: detail)
        try await DirectoryChangeLog.record([entry], over: before, actor: actor, on: connection)
    }
}

extension KeyGrant {
    /// The scopes as they are stored and shown.
    public var scopeNames: [String] { KeyScope.allCases.filter(scopes.contains).map(\.rawValue) }
}
