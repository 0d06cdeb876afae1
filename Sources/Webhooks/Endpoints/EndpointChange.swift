/// What is to be set on an endpoint. A member that is nil stays as it is; of those that may be null, `.some(nil)` is null.
public struct EndpointChange: Sendable {
    public var url: String?
    public var description: String?
    public var events: [String]??
    public var filter: FilterSettings?
    public var maxRate: Int??
    public var status: WebhookEndpoint.Status?

    public init(
        url: String? = nil,
        description: String? = nil,
        events: [String]?? = nil,
        filter: FilterSettings? = nil,
        maxRate: Int?? = nil,
        status: WebhookEndpoint.Status? = nil
    ) {
        self.url = url
        self.description = description
        self.events = events
        self.filter = filter
        self.maxRate = maxRate
        self.status = status
    }

    /// The members that are given, for the audit: names only, because a URL may hold a secret.
    var names: [String] {
        [
            url == nil ? nil : "url", description == nil ? nil : "description", events == nil ? nil : "events",
            filter == nil ? nil : "filter", maxRate == nil ? nil : "max_rate", status.map { "status \($0.rawValue)" },
        ].compactMap { $0 }
    }
}
