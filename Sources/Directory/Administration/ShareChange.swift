public import Capacity
import Coding

/// What of one share is to change; nil leaves it as it is.
public struct ShareChange: Equatable, Sendable {
    public var rate: Int?
    public var ceiling: Share.Ceiling?
    public var weight: Int?
    public var lend: Bool?

    public init(rate: Int? = nil, ceiling: Share.Ceiling? = nil, weight: Int? = nil, lend: Bool? = nil) {
        self.rate = rate
        self.ceiling = ceiling
        self.weight = weight
        self.lend = lend
    }

    /// A ceiling that was left to follow the rate follows it, and so does a weight that equals the old rate: such a
    /// weight counts as the default.
    func applied(to share: Share) -> Share {
        var changed = share
        if let rate {
            changed.rate = rate
            if share.weight == max(1, share.rate) { changed.weight = max(1, rate) }
        }
        if let ceiling { changed.ceiling = ceiling == .credits(changed.rate) ? .rate : ceiling }
        if let weight { changed.weight = weight }
        if let lend { changed.lend = lend }
        return changed
    }
}

extension ShareChange: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case rate, ceiling, weight, lend
    }

    /// `ceiling`: null is the parent's.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        rate = members.contains(.rate) ? try members.decodeWhole(forKey: .rate) : nil
        ceiling = try Share.Ceiling(in: members, forKey: .ceiling)
        weight = members.contains(.weight) ? try members.decodeWhole(forKey: .weight) : nil
        lend = members.contains(.lend) ? try members.decode(Bool.self, forKey: .lend) : nil
    }
}
