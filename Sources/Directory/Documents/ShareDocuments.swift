import Capacity
import Coding

/// The `shares` mapping of an account or a share: names to shares, in the order of the file.
struct ShareDocuments: Decodable {
    let shares: [Share]

    private enum Keys: String, CodingKey, CaseIterable {
        case rate, ceiling, weight, lend, shares
    }

    init(from decoder: any Decoder) throws {
        try self.init(from: decoder, ignoring: [])
    }

    /// - Parameter ignored: members of a share that say nothing here.
    init(from decoder: any Decoder, ignoring ignored: Set<String>) throws {
        let names = try decoder.container(keyedBy: MemberName.self)
        shares = try names.allKeys.map { name in
            let members = try names.superDecoder(forKey: name).strictContainer(keyedBy: Keys.self, ignoring: ignored)
            let rate = try members.decodeWhole(forKey: .rate)
            var children: [Share] = []
            if members.contains(.shares), try !members.decodeNil(forKey: .shares) {
                children = try ShareDocuments(from: members.superDecoder(forKey: .shares), ignoring: ignored).shares
            }
            let ceiling = try Share.Ceiling(in: members, forKey: .ceiling) ?? .rate
            return Share(
                name: name.stringValue,
                rate: rate,
                ceiling: ceiling == .credits(rate) ? .rate : ceiling,
                weight: try members.decodeWholeIfPresent(forKey: .weight),
                lend: try members.decodeIfPresent(Bool.self, forKey: .lend) ?? true,
                children: children
            )
        }
    }
}

extension Share.Ceiling {
    /// A number of credits, or null for the parent's; nil when the member is missing.
    init?<Key>(in members: KeyedDecodingContainer<Key>, forKey key: Key) throws {
        guard members.contains(key) else { return nil }
        self = try members.decodeNil(forKey: key) ? .parent : .credits(members.decodeWhole(forKey: key))
    }
}
