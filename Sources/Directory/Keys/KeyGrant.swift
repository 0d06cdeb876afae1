import Mail

public import struct Foundation.Date

/// What a tenant's key may do: with which scopes, as whom, to which regions, from where, and until when.
public struct KeyGrant: Equatable, Sendable {
    public var scopes: Set<KeyScope>
    /// From domains or whole addresses; nil: all that the tenant may use.
    public var domains: [String]?
    /// Nil: all of the tenant's.
    public var regions: [String]?
    /// In CIDR notation; nil: from anywhere.
    public var allowedIPs: [String]?
    public var expiresAt: Date?
    /// Its mail is answered by us and never reaches SES.
    public var isTest: Bool

    public init(
        scopes: Set<KeyScope> = KeyScope.standard,
        domains: [String]? = nil,
        regions: [String]? = nil,
        allowedIPs: [String]? = nil,
        expiresAt: Date? = nil,
        isTest: Bool = false
    ) {
        self.scopes = scopes
        self.domains = domains
        self.regions = regions
        self.allowedIPs = allowedIPs
        self.expiresAt = expiresAt
        self.isTest = isTest
    }

    /// The first thing that `other` may do and this may not, in words that name the member; nil when there is none.
    ///
    /// A key that makes, changes or rotates another one must not get more in its hands than it has.
    func excess(of other: KeyGrant) -> String? {
        let missing = KeyScope.allCases.first { other.scopes.contains($0) && !scopes.contains($0) }
        if let missing { return "scopes: this key does not have the scope '\(missing.rawValue)' itself" }
        if isTest, !other.isTest { return "test: a test key makes and rotates test keys only" }
        if let domains, !Self.isCovered(other.domains, by: domains) {
            return "domains: this key may only send from \(domains.joined(separator: ", ")) itself"
        }
        if let regions, !(other.regions.map { Set($0).isSubset(of: regions) } ?? false) {
            return "regions: this key may only send to \(regions.joined(separator: ", ")) itself"
        }
        if let allowedIPs,
            !(other.allowedIPs.map { SourceNetworks(stored: allowedIPs).covers(SourceNetworks(stored: $0)) } ?? false)
        {
            return "allowed_ips: this key may only be used from \(allowedIPs.joined(separator: ", ")) itself"
        }
        if let expiresAt, !(other.expiresAt.map { $0 <= expiresAt } ?? false) {
            return "expires_at: this key expires earlier itself"
        }
        return nil
    }

    /// Every entry is one of `allowed`, or an address of a domain that is.
    private static func isCovered(_ entries: [String]?, by allowed: [String]) -> Bool {
        guard let entries else { return false }
        let names = allowed.compactMap { try? SenderName(parsing: $0) }
        return entries.allSatisfy { entry in
            guard let name = try? SenderName(parsing: entry) else { return false }
            return names.contains { name.isWithin($0) }
        }
    }
}
