public import Foundation
import Mail

/// A key as nodes keep it: whose it is and what it may do, never the key.
public struct KeyRecord: Sendable {
    public enum Owner: Equatable, Sendable {
        case tenant(Int32)
        case admin
    }

    public let id: UUID
    public let owner: Owner
    /// What its maker called it.
    public let label: String
    public let grant: KeyGrant
    /// The networks that it may be used from; nil: anywhere.
    public let networks: SourceNetworks?
    /// What its `domains` allow.
    let senders: FromPolicy?
    let regions: Set<String>?
    /// SHA-256 of the key.
    let hash: [UInt8]
    /// The same of the key from before the last rotation, and how long that one is valid.
    let old: (hash: [UInt8], until: Date)?

    /// It, or one of its secrets, ends by itself.
    public var isTemporary: Bool { grant.expiresAt != nil || old != nil }

    init(
        id: UUID,
        owner: Owner,
        label: String = "",
        grant: KeyGrant = KeyGrant(),
        hash: [UInt8],
        old: (hash: [UInt8], until: Date)? = nil
    ) {
        self.id = id
        self.owner = owner
        self.label = label
        self.grant = grant
        networks = grant.allowedIPs.map { SourceNetworks(stored: $0) }
        senders = grant.domains.map { FromPolicy(stored: $0) }
        regions = grant.regions.map { Set($0) }
        self.hash = hash
        self.old = old
    }
}

/// What a request's key turns out to be.
public enum KeyFinding: Sendable {
    case valid(KeyRecord)
    /// It was one until then.
    case expired(Date)
    /// Never given out, or revoked.
    case unknown
    /// No key that we ever gave out has this form: it is mistyped or cut off.
    case malformed
}
