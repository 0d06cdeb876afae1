import Coding
import Webhooks

/// The body of `POST /webhooks` and, with `status`, of `PATCH /webhooks/{id}`: right in form, not yet in content.
struct EndpointRequest: Decodable {
    let change: EndpointChange

    private enum Keys: String, CodingKey, CaseIterable {
        case url, description, events, filter, status
        case maxRate = "max_rate"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        var change = EndpointChange()
        if members.contains(.url) { change.url = try members.decode(String.self, forKey: .url) }
        if members.contains(.description) {
            change.description = try members.decodeIfPresent(String.self, forKey: .description) ?? ""
        }
        if members.contains(.events) {
            change.events = .some(try members.decodeIfPresent([String].self, forKey: .events))
        }
        if members.contains(.filter) {
            change.filter =
                try members.decodeIfPresent(FilterRequest.self, forKey: .filter)?.settings ?? FilterSettings()
        }
        if members.contains(.maxRate) {
            change.maxRate = .some(try members.wholeNumberIfPresent(forKey: .maxRate))
        }
        if members.contains(.status) {
            guard let status = WebhookEndpoint.Status(rawValue: try members.decode(String.self, forKey: .status)) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .status,
                    in: members,
                    debugDescription: "must be active or disabled"
                )
            }
            change.status = status
        }
        self.change = change
    }
}

/// The member `filter`.
private struct FilterRequest: Decodable {
    let settings: FilterSettings

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: FilterSettings.CodingKeys.self)
        settings = FilterSettings(
            fromDomains: try members.decodeIfPresent([String].self, forKey: .fromDomains),
            fromAddresses: try members.decodeIfPresent([String].self, forKey: .fromAddresses),
            regions: try members.decodeIfPresent([String].self, forKey: .regions),
            streams: try members.decodeIfPresent([String].self, forKey: .streams),
            tags: try members.decodeIfPresent([String: String].self, forKey: .tags)
        )
    }
}

/// The body of `POST /webhooks/{id}/rotate`.
struct RotateRequest: Decodable {
    static let standardOverlap = 86_400
    private static let maximumOverlap = 604_800

    let overlap: Int

    private enum Keys: String, CodingKey, CaseIterable {
        case overlap
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        overlap = try members.wholeNumberIfPresent(forKey: .overlap) ?? Self.standardOverlap
        guard (0...Self.maximumOverlap).contains(overlap) else {
            throw DecodingError.dataCorruptedError(
                forKey: .overlap,
                in: members,
                debugDescription: "must be 0 to \(Self.maximumOverlap) seconds"
            )
        }
    }
}

/// The body of `POST /webhooks/{id}/test`.
struct TestRequest: Decodable {
    let type: String

    private enum Keys: String, CodingKey, CaseIterable {
        case type
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        type = try members.decodeIfPresent(String.self, forKey: .type) ?? EventNames.test
    }
}

extension KeyedDecodingContainer {
    /// A whole number; the decoder would refuse a fraction without its place.
    fileprivate func wholeNumberIfPresent(forKey key: Key) throws -> Int? {
        guard let number = try decodeIfPresent(Double.self, forKey: key) else { return nil }
        guard let whole = Int(exactly: number) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "must be a whole number")
        }
        return whole
    }
}
