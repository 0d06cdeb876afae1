import Capacity
import StrictCoding

/// The `shares` mapping of an account or a share: names to shares, in the order of the file.
struct ShareDocuments: Decodable {
    let shares: [Share]

    private enum Keys: String, CodingKey, CaseIterable {
        case rate, ceiling, weight, lend, shares
    }

    init(from decoder: any Decoder) throws {
        let names = try decoder.container(keyedBy: MemberName.self)
        shares = try names.allKeys.map { name in
            let members = try names.superDecoder(forKey: name).strictContainer(keyedBy: Keys.self)
            let rate = try members.decode(Int.self, forKey: .rate)
            var ceiling = Share.Ceiling.rate
            if members.contains(.ceiling) {
                ceiling =
                    try members.decodeNil(forKey: .ceiling)
                    ? .parent : .credits(members.decode(Int.self, forKey: .ceiling))
            }
            return Share(
                name: name.stringValue,
                rate: rate,
                ceiling: ceiling == .credits(rate) ? .rate : ceiling,
                weight: try members.decodeIfPresent(Int.self, forKey: .weight),
                lend: try members.decodeIfPresent(Bool.self, forKey: .lend) ?? true,
                children: try members.decodeIfPresent(ShareDocuments.self, forKey: .shares)?.shares ?? []
            )
        }
    }
}
