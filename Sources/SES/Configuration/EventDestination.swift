import FoundationEssentials

/// Where SES publishes the events of a configuration set.
public struct EventDestination: Sendable, Hashable {
    public let name: String
    public let isEnabled: Bool
    /// As the API writes them: `SEND`, `RENDERING_FAILURE`.
    public let types: Set<String>
    public let topicARN: String?
    public let eventBusARN: String?

    public init(name: String, isEnabled: Bool, types: Set<String>, topicARN: String?, eventBusARN: String?) {
        self.name = name
        self.isEnabled = isEnabled
        self.types = types
        self.topicARN = topicARN
        self.eventBusARN = eventBusARN
    }
}

extension EventDestination: Decodable {
    private enum Keys: String, CodingKey {
        case name = "Name"
        case isEnabled = "Enabled"
        case types = "MatchingEventTypes"
        case topic = "SnsDestination"
        case bus = "EventBridgeDestination"
    }

    private struct Topic: Decodable {
        private enum CodingKeys: String, CodingKey { case arn = "TopicArn" }

        let arn: String?
    }

    private struct Bus: Decodable {
        private enum CodingKeys: String, CodingKey { case arn = "EventBusArn" }

        let arn: String?
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Keys.self)
        name = try members.decode(String.self, forKey: .name)
        isEnabled = try members.decodeIfPresent(Bool.self, forKey: .isEnabled) ?? false
        types = Set(try members.decodeIfPresent([String].self, forKey: .types) ?? [])
        topicARN = try members.decodeIfPresent(Topic.self, forKey: .topic)?.arn
        eventBusARN = try members.decodeIfPresent(Bus.self, forKey: .bus)?.arn
    }

    /// The answer of `GetConfigurationSetEventDestinations`.
    struct List: Decodable {
        private enum CodingKeys: String, CodingKey { case destinations = "EventDestinations" }

        let destinations: [EventDestination]
    }
}
