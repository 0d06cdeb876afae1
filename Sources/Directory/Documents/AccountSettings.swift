import Coding

/// An SES account's own members, without its name and its shares: what `PUT /admin/accounts/{name}` replaces.
public struct AccountSettings: Equatable, Sendable {
    public var awsRegion: String
    public var endpoint: String?
    public var quota: AccountDocument.Quota
    public var window: AccountDocument.Window
    public var configurationSet: String?
    public var credentials: AccountDocument.Credentials?
    public var snsTopics: [String]
    public var sqsQueueURL: String?
    /// Addresses that are suppressed for a tenant go into SES's own list of the account, too.
    public var mirrorsSuppressions = false
    /// When tenants that harm the account's standing are warned, slowed and paused.
    public var reputation = ReputationThresholds()
}

extension AccountSettings: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case endpoint, quota, window, credentials, reputation
        case awsRegion = "aws_region"
        case configurationSet = "configuration_set"
        case snsTopics = "sns_topics"
        case sqsQueueURL = "sqs_queue_url"
        case mirrorsSuppressions = "mirror_suppressions"
    }

    public init(from decoder: any Decoder) throws {
        try self.init(members: try decoder.strictContainer(keyedBy: Keys.self))
    }

    init(members: KeyedDecodingContainer<Keys>) throws {
        guard let region = try members.decodeLine(forKey: .awsRegion) else {
            throw DecodingError.keyNotFound(
                Keys.awsRegion,
                DecodingError.Context(codingPath: members.codingPath, debugDescription: "")
            )
        }
        awsRegion = region
        endpoint = try members.decodeLine(forKey: .endpoint)
        if let endpoint, !endpoint.hasPrefix("http://"), !endpoint.hasPrefix("https://") {
            throw DecodingError.dataCorruptedError(
                forKey: .endpoint,
                in: members,
                debugDescription: "must be an http:// or https:// URL"
            )
        }
        quota = try members.decode(AccountDocument.Quota.self, forKey: .quota)
        window = try members.decodeIfPresent(AccountDocument.Window.self, forKey: .window) ?? .response
        configurationSet = try members.decodeLine(forKey: .configurationSet)
        credentials = try members.decodeIfPresent(AccountDocument.Credentials.self, forKey: .credentials)
        snsTopics = try members.decodeIfPresent([String].self, forKey: .snsTopics) ?? []
        for (index, topic) in snsTopics.enumerated() {
            guard let problem = TopicARN.problem(topic, region: region) else { continue }
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: members.codingPath + [Keys.snsTopics, MemberName(intValue: index)] as [any CodingKey],
                    debugDescription: problem
                )
            )
        }
        sqsQueueURL = try members.decodeLine(forKey: .sqsQueueURL)
        if let sqsQueueURL, !Self.isQueueURL(sqsQueueURL) {
            throw DecodingError.dataCorruptedError(
                forKey: .sqsQueueURL,
                in: members,
                debugDescription:
                    "must be the queue's URL as GetQueueUrl answers it: https://sqs.\(region).amazonaws.com/123456789012/NAME"
            )
        }
        mirrorsSuppressions = try members.decodeIfPresent(Bool.self, forKey: .mirrorsSuppressions) ?? false
        reputation = try members.decodeIfPresent(ReputationThresholds.self, forKey: .reputation) ?? reputation
    }

    /// http:// or https://, a host, and a path.
    private static func isQueueURL(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let parts = text.dropFirst(scheme.count).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && !text.contains(" ")
    }
}
