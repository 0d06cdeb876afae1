import Coding

/// A tenant as configured (api.md, Configuration and Admin API).
public struct TenantDocument: Equatable, Sendable {
    public enum UnknownPolicy: String, Decodable, Sendable {
        case resend, hold, fail
    }

    public enum Status: String, Decodable, Sendable {
        case active, paused
    }

    public var name: String
    public var displayName: String?
    /// Domains or whole addresses that the tenant's From may use.
    public var fromDomains: [String]
    public var defaultRegion: String?
    /// Region to `account` or `account/share/path`; "*" takes every region that is not named.
    public var regions: [String: String]
    public var unknownPolicy: UnknownPolicy
    public var status: Status
    /// Bulk mail has an unsubscribe link in its header (RFC 8058), where the node has a `public_url`.
    public var oneClickUnsubscribe = true
}

extension TenantDocument: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case name, regions, status
        case displayName = "display_name"
        case fromDomains = "from_domains"
        case defaultRegion = "default_region"
        case unknownPolicy = "unknown_policy"
        case oneClickUnsubscribe = "one_click_unsubscribe"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        name = try members.decode(String.self, forKey: .name)
        try DirectoryName.check(name, at: members.codingPath + [Keys.name])
        displayName = try members.decodeIfPresent(String.self, forKey: .displayName)
        fromDomains = try members.decode([String].self, forKey: .fromDomains)
        regions = try members.decode([String: String].self, forKey: .regions)
        for region in regions.keys where region != "*" {
            try DirectoryName.check(region, at: members.codingPath + [Keys.regions, MemberName(stringValue: region)])
        }
        guard !regions.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .regions,
                in: members,
                debugDescription: "must route at least one region to a share"
            )
        }
        defaultRegion = try members.decodeIfPresent(String.self, forKey: .defaultRegion)
        if defaultRegion == nil, regions.count == 1, let only = regions.keys.first, only != "*" { defaultRegion = only }
        guard let region = defaultRegion else {
            throw DecodingError.dataCorruptedError(
                forKey: .defaultRegion,
                in: members,
                debugDescription: "is required where there are several regions"
            )
        }
        guard regions[region] != nil || regions["*"] != nil else {
            throw DecodingError.dataCorruptedError(
                forKey: .defaultRegion,
                in: members,
                debugDescription: "'\(region)' is not among the regions"
            )
        }
        unknownPolicy = try members.decodeIfPresent(UnknownPolicy.self, forKey: .unknownPolicy) ?? .resend
        status = try members.decodeIfPresent(Status.self, forKey: .status) ?? .active
        oneClickUnsubscribe = try members.decodeIfPresent(Bool.self, forKey: .oneClickUnsubscribe) ?? true
    }
}
