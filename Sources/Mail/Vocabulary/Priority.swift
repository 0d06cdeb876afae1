/// The order inside a lane, lowest number first. The numbers are stored; never renumber them.
public enum Priority: Int16, CaseIterable, Comparable, Sendable {
    case high = 0
    case normal = 1
    case bulk = 2

    /// The API's word: `high`, `normal` or `bulk`.
    public var name: String {
        switch self {
        case .high: "high"
        case .normal: "normal"
        case .bulk: "bulk"
        }
    }

    /// Takes the API's word; nil for any other.
    public init?(name: some StringProtocol) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }

    public static func < (left: Priority, right: Priority) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Priority: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let priority = Priority(name: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a priority")
        }
        self = priority
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
