import Foundation
import Mail
import Outbox

/// Which events an endpoint is told: those of its types, about mail that meets every condition. A condition without values
/// is none.
struct EndpointFilter: Sendable {
    /// Conditions on the mail; of several values of a condition, any will do, but every tag must be there.
    struct Conditions: Decodable, Sendable {
        /// Exact domains: a subdomain is another one.
        var fromDomains: [String]?
        var fromAddresses: [String]?
        var regions: [String]?
        var streams: [String]?
        var tags: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case fromDomains = "from_domains"
            case fromAddresses = "from_addresses"
            case regions, streams, tags
        }
    }

    private let events: Set<String>?
    private let domains: Set<String>
    private let addresses: Set<String>
    private let regions: Set<String>
    private let streams: Set<String>
    private let tags: [String: String]

    /// - Parameters:
    ///   - events: types; nil: all.
    ///   - conditions: a JSON object, as `webhook_endpoint.filter` says.
    /// - Throws: the decoder's error.
    init(events: [String]?, conditions: String) throws {
        self.init(
            events: events,
            conditions: try JSONDecoder().decode(Conditions.self, from: Data(conditions.utf8))
        )
    }

    init(events: [String]?, conditions: Conditions = Conditions()) {
        self.events = events.map(Set.init)
        domains = Set((conditions.fromDomains ?? []).map { $0.lowercased() })
        addresses = Set((conditions.fromAddresses ?? []).map { $0.lowercased() })
        regions = Set(conditions.regions ?? [])
        streams = Set(conditions.streams ?? [])
        tags = conditions.tags ?? [:]
    }

    /// A notice that is about no mail has to pass the types only.
    func accepts(_ entry: FeedEntry) -> Bool {
        guard events?.contains(entry.type) ?? true else { return false }
        guard let subject = entry.subject else { return true }
        return acceptsSender(subject.from) && (regions.isEmpty || regions.contains(subject.region))
            && (streams.isEmpty || streams.contains(subject.stream)) && acceptsTags(subject.tags)
    }

    private func acceptsSender(_ from: String) -> Bool {
        guard !domains.isEmpty || !addresses.isEmpty else { return true }
        guard let sender = try? EmailAddress(parsing: from) else { return false }
        return (domains.isEmpty || domains.contains(sender.domain))
            && (addresses.isEmpty || addresses.contains(sender.matchKey))
    }

    private func acceptsTags(_ text: String?) -> Bool {
        guard !tags.isEmpty else { return true }
        guard let text, let present = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
            return false
        }
        return tags.allSatisfy { present[$0.key] == $0.value }
    }
}
