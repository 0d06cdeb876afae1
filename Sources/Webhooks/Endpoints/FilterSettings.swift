/// Which mail an endpoint hears of: all that are given must match, and in each any one entry. Stored as JSON in this form.
public struct FilterSettings: Hashable, Codable, Sendable {
    public var fromDomains: [String]?
    public var fromAddresses: [String]?
    public var regions: [String]?
    public var streams: [String]?
    /// Every one of them must be on the message.
    public var tags: [String: String]?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case fromDomains = "from_domains"
        case fromAddresses = "from_addresses"
        case regions, streams, tags
    }

    public init(
        fromDomains: [String]? = nil,
        fromAddresses: [String]? = nil,
        regions: [String]? = nil,
        streams: [String]? = nil,
        tags: [String: String]? = nil
    ) {
        self.fromDomains = fromDomains
        self.fromAddresses = fromAddresses
        self.regions = regions
        self.streams = streams
        self.tags = tags
    }
}
