import Coding
import FoundationEssentials

/// The body of `POST /webhooks/{id}/replay`: one delivery, or a time.
enum ReplayRequest: Decodable {
    case delivery(UUID)
    case window(from: Date, to: Date)

    private enum Keys: String, CodingKey, CaseIterable {
        case delivery, from, to
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        if let text = try members.decodeIfPresent(String.self, forKey: .delivery) {
            guard !members.contains(.from), !members.contains(.to) else {
                throw Self.fault(.delivery, members, "give either a delivery or from and to")
            }
            guard let id = ObjectID(text) else { throw Self.fault(.delivery, members, "must be the id of a delivery") }
            self = .delivery(id.uuid)
            return
        }
        guard let from = try Self.time(.from, members) else {
            throw Self.fault(.from, members, "is required, unless a delivery is named")
        }
        let to = try Self.time(.to, members) ?? Date()
        guard from < to else {
            throw Self.fault(.from, members, "must come before to, which is now unless it is given")
        }
        self = .window(from: from, to: to)
    }

    private static func time(_ key: Keys, _ members: KeyedDecodingContainer<Keys>) throws -> Date? {
        guard let text = try members.decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let date = RFC3339.date(text) else {
            throw fault(
                key,
                members,
                "must be a time such as 2026-02-03T04:05:06Z or 2026-02-03T05:05:06+01:00 (RFC 3339)"
            )
        }
        return date
    }

    private static func fault(
        _ key: Keys,
        _ members: KeyedDecodingContainer<Keys>,
        _ detail: String
    ) -> DecodingError {
        .dataCorruptedError(forKey: key, in: members, debugDescription: detail)
    }
}
