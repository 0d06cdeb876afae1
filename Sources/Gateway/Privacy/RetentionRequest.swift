import Coding
import Directory

/// The body of `PUT /admin/tenants/{name}/retention`: whole days; null or absent: as long as the node keeps them.
struct RetentionRequest: Decodable {
    private static let most = 36_500

    let wish: RetentionWish

    private enum Keys: String, CodingKey, CaseIterable {
        case bodies = "bodies_days"
        case addresses = "addresses_days"
        case events = "events_days"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func days(_ key: Keys) throws -> Duration? {
            guard let days = try members.decodeWholeIfPresent(forKey: key) else { return nil }
            guard (1...Self.most).contains(days) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key,
                    in: members,
                    debugDescription: "must be 1 to \(Self.most) days"
                )
            }
            return .seconds(days * 86_400)
        }
        wish = RetentionWish(
            bodies: try days(.bodies),
            addresses: try days(.addresses),
            events: try days(.events)
        )
        if let fault = wish.faults.first, let key = Keys(rawValue: "\(fault.member)_days") {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: members,
                debugDescription: "must be at least \((fault.least + 86_399) / 86_400) days"
            )
        }
    }
}

extension RetentionWish {
    /// As the admin API shows it.
    var json: JSONValue {
        func days(_ duration: Duration?) -> JSONValue {
            duration.map { .number($0.components.seconds / 86_400) } ?? .null
        }
        return .object([
            ("bodies_days", days(bodies)), ("addresses_days", days(addresses)), ("events_days", days(events)),
        ])
    }
}
