import FoundationEssentials
import Webhooks

extension WebhookEndpoint {
    /// The endpoint as every answer shows it; no secret is in it.
    var members: [(String, JSONValue)] {
        [
            ("id", .string(id.text)),
            ("url", .string(url)),
            ("description", .string(description)),
            ("events", events.map { .array($0.map(JSONValue.string)) } ?? .null),
            ("filter", filter.json),
            ("max_rate", .number(maxRate)),
            ("status", .string(status.rawValue)),
            ("disabled_reason", .string(disabledReason)),
            ("disabled_at", .time(disabledAt)),
            ("failing_since", .time(failingSince)),
            ("old_secret_until", .time(oldSecretUntil)),
            ("created_at", .time(createdAt)),
            ("version", .number(version)),
        ]
    }
}

extension FilterSettings {
    fileprivate var json: JSONValue {
        let lists: [(CodingKeys, [String]?)] = [
            (.fromDomains, fromDomains), (.fromAddresses, fromAddresses), (.regions, regions), (.streams, streams),
        ]
        var members: [(String, JSONValue)] = lists.compactMap { key, list in
            list.map { (key.rawValue, .array($0.map(JSONValue.string))) }
        }
        if let tags {
            let pairs = tags.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
            members.append((CodingKeys.tags.rawValue, .object(pairs)))
        }
        return .object(members)
    }
}

extension WebhookDelivery {
    var json: JSONValue {
        .object([
            ("id", .string(id.text)),
            ("event_id", .string(eventID.text)),
            ("type", .string(type)),
            ("message_id", .string(messageID)),
            ("replay", .bool(isReplay)),
            ("status", .string(status.name)),
            ("created_at", .time(createdAt)),
            ("next_attempt_at", .time(nextAttemptAt)),
            ("attempts", .verbatim(attempts)),
        ])
    }
}
