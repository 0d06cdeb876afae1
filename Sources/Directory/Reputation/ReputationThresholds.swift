import Coding

/// From when on an account's tenants are warned, slowed and paused. The usual ones keep the account away from those of SES:
/// a review from 5 % bounces or 0.1 % complaints on, a pause from 10 % or 0.5 %.
public struct ReputationThresholds: Equatable, Sendable {
    /// In percent of the sends, rising.
    public struct Levels: Equatable, Sendable {
        public var warn: Double
        public var slow: Double
        public var pause: Double

        public init(warn: Double, slow: Double, pause: Double) {
            self.warn = warn
            self.slow = slow
            self.pause = pause
        }
    }

    /// Of permanent bounces.
    public var bounce = Levels(warn: 2, slow: 4, pause: 8)
    public var complaint = Levels(warn: 0.05, slow: 0.08, pause: 0.3)
    /// A window with fewer sends says nothing.
    public var minimumSent = 200
    /// Recipients a second that a slowed tenant's lane gets, at most, on each node that serves it.
    public var slowRate = 1

    public init() {}
}

extension ReputationThresholds: Codable {
    private enum Keys: String, CodingKey, CaseIterable {
        case bounce, complaint
        case minimumSent = "minimum_sent"
        case slowRate = "slow_rate"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func levels(_ key: Keys, _ standard: Levels) throws -> Levels {
            guard members.contains(key), try !members.decodeNil(forKey: key) else { return standard }
            return try Levels(from: try members.superDecoder(forKey: key), standard: standard)
        }
        func number(_ key: Keys, _ range: ClosedRange<Int>, _ standard: Int) throws -> Int {
            let number = try members.decodeWholeIfPresent(forKey: key) ?? standard
            guard range.contains(number) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key,
                    in: members,
                    debugDescription: "must be from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
        bounce = try levels(.bounce, bounce)
        complaint = try levels(.complaint, complaint)
        minimumSent = try number(.minimumSent, 50...1_000_000, minimumSent)
        slowRate = try number(.slowRate, 1...1000, slowRate)
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        try members.encode(bounce, forKey: .bounce)
        try members.encode(complaint, forKey: .complaint)
        try members.encode(minimumSent, forKey: .minimumSent)
        try members.encode(slowRate, forKey: .slowRate)
    }
}

extension ReputationThresholds.Levels: Encodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case warn, slow, pause
    }

    /// What is missing is as usual.
    fileprivate init(from decoder: any Decoder, standard: Self) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        warn = try members.decodeIfPresent(Double.self, forKey: .warn) ?? standard.warn
        slow = try members.decodeIfPresent(Double.self, forKey: .slow) ?? standard.slow
        pause = try members.decodeIfPresent(Double.self, forKey: .pause) ?? standard.pause
        guard 0 < warn, warn <= slow, slow <= pause, pause <= 100 else {
            throw decoder.corrupted("must be percentages with 0 < warn <= slow <= pause <= 100")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        try members.encode(warn, forKey: .warn)
        try members.encode(slow, forKey: .slow)
        try members.encode(pause, forKey: .pause)
    }
}
