import Coding

/// A tenant as configured (api.md, Configuration and Admin API).
public struct TenantDocument: Equatable, Sendable {
    public enum UnknownPolicy: String, Decodable, Sendable {
        case resend, hold, fail
    }

    public enum Status: String, Decodable, Sendable {
        case active, paused
    }

    private static let maximumRegions = 1000

    public var name: String
    public var displayName: String?
    /// Domains or whole addresses that the tenant's From may use.
    public var fromDomains: [String]
    public var defaultRegion: String?
    /// Region to `account` or `account/share/path`; "*" takes every region that is not named.
    public var regions: [String: String]
    public var limits = TenantLimits()
    public var unknownPolicy: UnknownPolicy
    public var status: Status
    /// Those of `fromDomains` that other tenants may use, too.
    public var sharedDomains: [String] = []
    /// How its mail goes out, where it is not as the accounts say.
    public var senders: [SenderRule] = []
    /// Bulk mail has an unsubscribe link in its header (RFC 8058), where the node has a `public_url`.
    public var oneClickUnsubscribe = true
    /// Who gets its weekly report; nil: nobody.
    public var report: ReportSettings?
}

extension TenantDocument: Decodable {
    fileprivate enum Keys: String, CodingKey, CaseIterable {
        case name, regions, limits, status, senders, report
        case displayName = "display_name"
        case fromDomains = "from_domains"
        case sharedDomains = "shared_domains"
        case defaultRegion = "default_region"
        case unknownPolicy = "unknown_policy"
        case oneClickUnsubscribe = "one_click_unsubscribe"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let name = try members.decode(String.self, forKey: .name)
        try DirectoryName.check(name, at: members.codingPath + [Keys.name])
        try self.init(name: name, members: members)
    }

    fileprivate init(name: String, members: KeyedDecodingContainer<Keys>) throws {
        self.name = name
        displayName = try members.decodeLine(forKey: .displayName)
        let domains = try members.decodeSenders(forKey: .fromDomains)
        fromDomains = domains
        sharedDomains = try Self.sharedDomains(members, among: domains)
        senders = try members.decodeIfPresent([SenderRule].self, forKey: .senders) ?? []
        guard senders.count <= SenderRule.maximumCount else {
            throw DecodingError.dataCorruptedError(
                forKey: .senders,
                in: members,
                debugDescription: "must be at most \(SenderRule.maximumCount) rules"
            )
        }
        regions = try members.decode([String: String].self, forKey: .regions)
        for region in regions.keys where region != "*" {
            try DirectoryName.check(region, at: members.codingPath + [Keys.regions, MemberName(stringValue: region)])
        }
        guard (1...Self.maximumRegions).contains(regions.count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .regions,
                in: members,
                debugDescription: regions.isEmpty
                    ? "must route at least one region to a share" : "must be at most \(Self.maximumRegions) regions"
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
                debugDescription: "\(DecodingFault.quoted(region)) is not among the regions"
            )
        }
        try DirectoryName.check(region, at: members.codingPath + [Keys.defaultRegion])
        limits = try members.decodeIfPresent(TenantLimits.self, forKey: .limits) ?? TenantLimits()
        unknownPolicy = try members.decodeIfPresent(UnknownPolicy.self, forKey: .unknownPolicy) ?? .resend
        status = try members.decodeIfPresent(Status.self, forKey: .status) ?? .active
        oneClickUnsubscribe = try members.decodeIfPresent(Bool.self, forKey: .oneClickUnsubscribe) ?? true
        report = try members.decodeIfPresent(ReportSettings.self, forKey: .report)
        try report?.check(fromDomains: domains, regions: regions, at: members.codingPath + [Keys.report])
    }

    private static func sharedDomains(
        _ members: KeyedDecodingContainer<Keys>,
        among domains: [String]
    ) throws -> [String] {
        guard members.contains(.sharedDomains), try !members.decodeNil(forKey: .sharedDomains) else { return [] }
        let shared = try members.decodeSenders(forKey: .sharedDomains)
        if let stranger = Set(shared).subtracting(domains).min() {
            throw DecodingError.dataCorruptedError(
                forKey: .sharedDomains,
                in: members,
                debugDescription: "'\(stranger)' is not among from_domains"
            )
        }
        return shared
    }
}

/// A tenant as `PUT /admin/tenants/{name}` takes it. What `GET` says besides is ignored, so that its answer can be changed and sent
/// back.
public struct TenantSettings: Decodable, Equatable, Sendable {
    /// As the body has it; nil: it has none.
    public let name: String?
    private let settings: TenantDocument

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: TenantDocument.Keys.self, ignoring: ["version", "changes"])
        name = try members.decodeIfPresent(String.self, forKey: .name)
        settings = try TenantDocument(name: "", members: members)
    }

    /// - Throws: `DirectoryError.invalid` for what is no name of a tenant.
    public func document(name: String) throws(DirectoryError) -> TenantDocument {
        guard DirectoryName.isValid(name) else {
            throw DirectoryError(
                .invalid,
                "this is no name for a tenant: 1 to 64 letters, digits, '-', '_' or '.', not starting with '.'"
            )
        }
        var document = settings
        document.name = name
        return document
    }
}
