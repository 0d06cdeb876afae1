public import Foundation
import Postgres

/// A key as it is shown: everything but the key.
public struct KeyInfo: Equatable, Sendable {
    public let id: UUID
    /// What its maker called it; of an admin's key the label.
    public let name: String
    /// The key's first characters.
    public let hint: String
    public let grant: KeyGrant
    /// Nil for an admin's.
    public let tenant: String?
    public let createdAt: Date
    /// Late by some seconds; nil: never.
    public let lastUsedAt: Date?
    /// How long the secret from before the last rotation works; nil: no longer.
    public let oldKeyUntil: Date?

    public init(
        id: UUID,
        name: String,
        hint: String,
        grant: KeyGrant,
        tenant: String?,
        createdAt: Date,
        lastUsedAt: Date? = nil,
        oldKeyUntil: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.hint = hint
        self.grant = grant
        self.tenant = tenant
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.oldKeyUntil = oldKeyUntil
    }

    /// What `init(_:)` reads, of `api_key` and its `tenant`.
    static let columns: SQL = """
        api_key.id, api_key.label, api_key.hint, api_key.scopes, api_key.domains, api_key.regions, api_key.allowed_ips,
        api_key.expires_at, api_key.test, tenant.name, api_key.created_at, api_key.last_used_at,
        CASE WHEN api_key.old_until > now() THEN api_key.old_until END
        """

    init(_ row: Row) throws {
        id = try row[0, as: UUID.self]
        name = try row[1, as: String.self]
        hint = try row[2, as: String.self]
        grant = KeyGrant(
            scopes: Set(try row[3, as: [String].self].compactMap(KeyScope.init(rawValue:))),
            domains: try row[4, as: [String]?.self],
            regions: try row[5, as: [String]?.self],
            allowedIPs: try row[6, as: [String]?.self],
            expiresAt: try row[7, as: Date?.self],
            isTest: try row[8, as: Bool.self]
        )
        tenant = try row[9, as: String?.self]
        createdAt = try row[10, as: Date.self]
        lastUsedAt = try row[11, as: Date?.self]
        oldKeyUntil = try row[12, as: Date?.self]
    }
}
