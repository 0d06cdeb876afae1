public import Mail

/// A tenant as the directory holds it.
public struct Tenant: Sendable {
    public let id: Int32
    public let name: String
    public let displayName: String?
    public let fromDomains: [String]
    /// What `fromDomains` allows.
    public let senders: FromPolicy
    public let defaultRegion: String
    public let unknownPolicy: TenantDocument.UnknownPolicy
    public let status: TenantDocument.Status
    /// By region; "*" takes every region that is not named.
    public let routes: [String: Route]
    /// Its bulk mail has an unsubscribe link in the header.
    public var oneClickUnsubscribe = true

    init(
        id: Int32,
        name: String,
        displayName: String?,
        fromDomains: [String],
        defaultRegion: String,
        unknownPolicy: TenantDocument.UnknownPolicy,
        status: TenantDocument.Status,
        routes: [String: Route]
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.fromDomains = fromDomains
        senders = FromPolicy(stored: fromDomains)
        self.defaultRegion = defaultRegion
        self.unknownPolicy = unknownPolicy
        self.status = status
        self.routes = routes
    }

    /// Where mail for `region` goes (nil: the default region), or nil when the tenant has no such region.
    public func route(region: String?) -> Route? {
        routes[region ?? defaultRegion] ?? routes["*"]
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
    /// The recipients that each node sends to a second, at most, while its tenant's mail does harm; 0: what waits is held.
    public var ceiling: Int?
    /// Nothing of it is sent for now.
    public var isHeld: Bool { ceiling == 0 }
}
