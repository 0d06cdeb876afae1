import Coding

/// What a tenant may take of the gateway; nil is no limit of its own.
public struct TenantLimits: Equatable, Sendable {
    private static let maximum = 1_000_000_000_000

    /// Requests a second.
    public var apiRate: Int?
    /// Recipients that wait at once.
    public var queued: Int?
    /// Recipients in 24 hours.
    public var daily: Int?

    public init(apiRate: Int? = nil, queued: Int? = nil, daily: Int? = nil) {
        self.apiRate = apiRate
        self.queued = queued
        self.daily = daily
    }
}

extension TenantLimits: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case queued, daily
        case apiRate = "api_rate"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func limit(_ key: Keys) throws -> Int? {
            guard let limit = try members.decodeWholeIfPresent(forKey: key) else { return nil }
            guard (1...Self.maximum).contains(limit) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key,
                    in: members,
                    debugDescription: "must be 1 to \(Self.maximum), or null for no limit"
                )
            }
            return limit
        }
        apiRate = try limit(.apiRate)
        queued = try limit(.queued)
        daily = try limit(.daily)
    }
}
