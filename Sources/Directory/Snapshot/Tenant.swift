public import Mail

/// A tenant as the directory holds it.
public struct Tenant: Sendable {
    public let id: Int32
    public let name: String
    /// Grows with every change to the tenant.
    public let version: Int64
    public let displayName: String?
    public let fromDomains: [String]
    /// What `fromDomains` allows.
    public let senders: FromPolicy
    public let defaultRegion: String
    public let limits: TenantLimits
    public let unknownPolicy: TenantDocument.UnknownPolicy
    public let status: TenantDocument.Status
    /// By region; "*" takes every region that is not named.
    public let routes: [String: Route]
    /// Those of `fromDomains` that other tenants may use, too.
    public let sharedDomains: [String]
    /// How its mail goes out, where it is not as the accounts say.
    public let rules: SenderRules
    /// The number under which its test keys' mail is kept; nil before it had any.
    public let testID: Int32?

    /// Whose settings and templates it has: with a test key, those of the tenant behind it.
    public private(set) var ownerID: Int32
    /// Its mail is answered by us and never reaches SES.
    public private(set) var isTest = false
    /// What the key that it came with allows besides; nil: all that the tenant may.
    private var keySenders: FromPolicy?
    private var keyRegions: Set<String>?
    /// Its bulk mail has an unsubscribe link in the header.
    public var oneClickUnsubscribe = true
    /// Who gets its weekly report; nil: nobody.
    public var report: ReportSettings?

    init(
        id: Int32,
        name: String,
        version: Int64 = 1,
        displayName: String?,
        fromDomains: [String],
        defaultRegion: String,
        limits: TenantLimits = TenantLimits(),
        unknownPolicy: TenantDocument.UnknownPolicy,
        status: TenantDocument.Status,
        routes: [String: Route],
        testID: Int32? = nil,
        sharedDomains: [String] = [],
        rules: SenderRules = SenderRules()
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.displayName = displayName
        self.fromDomains = fromDomains
        senders = FromPolicy(stored: fromDomains)
        self.defaultRegion = defaultRegion
        self.limits = limits
        self.unknownPolicy = unknownPolicy
        self.status = status
        self.routes = routes
        self.testID = testID
        self.sharedDomains = sharedDomains
        self.rules = rules
        ownerID = id
    }

    /// Where mail for `region` goes (nil: the default region), or nil when the tenant has no such region.
    public func route(region: String?) -> Route? {
        routes[region ?? defaultRegion] ?? routes["*"]
    }

    /// Why mail may not come from an address, in words; nil when it may.
    public func refusal(of sender: EmailAddress) -> String? {
        guard senders.allows(sender) else { return "the domain \(sender.domain) is not allowed to the tenant" }
        guard keySenders?.allows(sender) ?? true else { return "the domain \(sender.domain) is not allowed to the key" }
        return nil
    }

    /// Whether the key that it came with may send to a region.
    public func allows(region: String) -> Bool { keyRegions?.contains(region) ?? true }

    /// The document that describes this tenant as it is.
    var document: TenantDocument {
        TenantDocument(
            name: name,
            displayName: displayName,
            fromDomains: fromDomains,
            defaultRegion: defaultRegion,
            regions: routes.mapValues(\.path),
            limits: limits,
            unknownPolicy: unknownPolicy,
            status: status,
            sharedDomains: sharedDomains,
            senders: rules.all,
            oneClickUnsubscribe: oneClickUnsubscribe,
            report: report
        )
    }

    /// The tenant in which its test keys live: with the same settings, under a number and in lanes of its own.
    var forTests: Tenant? {
        guard let testID else { return nil }
        var tenant = Tenant(
            id: testID,
            name: name,
            version: version,
            displayName: displayName,
            fromDomains: fromDomains,
            defaultRegion: defaultRegion,
            limits: limits,
            unknownPolicy: unknownPolicy,
            status: status,
            routes: routes.mapValues { Route(path: $0.path, lanes: $0.testLanes, rate: $0.rate) },
            sharedDomains: sharedDomains,
            rules: rules
        )
        tenant.oneClickUnsubscribe = oneClickUnsubscribe
        tenant.ownerID = id
        tenant.isTest = true
        return tenant
    }

    func narrowed(to key: KeyRecord) -> Tenant {
        guard key.senders != nil || key.regions != nil else { return self }
        var tenant = self
        tenant.keySenders = key.senders
        tenant.keyRegions = key.regions
        return tenant
    }
}

/// A tenant's way into one share: a lane for each stream.
public struct Route: Sendable {
    /// `account` or `account/share/path`, as configured.
    public let path: String
    /// Lane numbers by stream name.
    public let lanes: [String: Int32]
    /// The recipients that one call may have at most: what the share that the lanes belong to is promised for them, at
    /// least one.
    public let rate: Int
    /// The lanes of the tenant's tests.
    var testLanes: [String: Int32] = [:]
    /// Its mail through the account is paused: it did too much harm there.
    public var isPaused = false

    /// The account's name.
    public var account: String { String(path.prefix { $0 != "/" }) }
}

/// A queue: share / tenant / stream.
public struct Lane: Sendable {
    public let id: Int32
    public let accountID: Int32
    public let shareID: Int32
    public let tenantID: Int32
    public let stream: String
    public let weight: Int
    /// `account/share/path/tenant/stream`, as shown to people.
    public let name: String
    /// No route leads here any more: its share or its tenant was removed. What is late is still sent.
    public var isRetired = false
    /// Of mail that is only a test: nothing is ever sent from it.
    public var isTest = false
    /// The recipients that each node sends to a second, at most, while its tenant's mail does harm; 0: what waits is held.
    public var ceiling: Int?
    /// Nothing of it is sent for now.
    public var isHeld: Bool { ceiling == 0 }
}
