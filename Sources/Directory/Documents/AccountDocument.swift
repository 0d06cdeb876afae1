public import Capacity
import Coding

/// An SES account as configured (api.md, Configuration).
public struct AccountDocument: Equatable, Sendable {
    /// Recipients per second and per rolling 24 hours (-1: unlimited).
    public enum Quota: Equatable, Sendable {
        case auto
        /// - Parameter evenOut: no hour may use more than a 24th of the daily quota.
        case fixed(rate: Double, daily: Int64, evenOut: Bool = false)
    }

    /// When a credit starts to cool (design.md section 2).
    public enum Window: String, Decodable, Sendable {
        case response
        case egress
    }

    /// Which credentials to use instead of the AWS chain's.
    public enum Credentials: Equatable, Sendable {
        case profile(String)
        case role(String)
    }

    public var name: String
    public var awsRegion: String
    public var endpoint: String?
    public var quota: Quota
    public var window: Window
    public var configurationSet: String?
    public var credentials: Credentials?
    public var snsTopics: [String]
    public var sqsQueueURL: String?
    public var mirrorsSuppressions: Bool
    public var reputation: ReputationThresholds
    public var shares: [Share]

    init(name: String, settings: AccountSettings, shares: [Share]) {
        self.name = name
        awsRegion = settings.awsRegion
        endpoint = settings.endpoint
        quota = settings.quota
        window = settings.window
        configurationSet = settings.configurationSet
        credentials = settings.credentials
        snsTopics = settings.snsTopics
        sqsQueueURL = settings.sqsQueueURL
        mirrorsSuppressions = settings.mirrorsSuppressions
        reputation = settings.reputation
        self.shares = shares
    }

    /// The share tree, checked against the quota where that is known.
    public func tree() throws(ShareProblem) -> ShareTree {
        switch quota {
        case .auto: try ShareTree(credits: nil, shares: shares)
        case .fixed(let rate, _, _): try ShareTree(credits: CreditRule(quota: rate).credits, shares: shares)
        }
    }
}

extension AccountDocument: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case name, endpoint, quota, window, credentials, reputation, shares
        case awsRegion = "aws_region"
        case configurationSet = "configuration_set"
        case snsTopics = "sns_topics"
        case sqsQueueURL = "sqs_queue_url"
        case mirrorsSuppressions = "mirror_suppressions"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let name = try members.decode(String.self, forKey: .name)
        try DirectoryName.check(name, at: members.codingPath + [Keys.name])
        self.init(
            name: name,
            settings: try AccountSettings(members: try decoder.container(keyedBy: AccountSettings.Keys.self)),
            shares: try members.decodeIfPresent(ShareDocuments.self, forKey: .shares)?.shares ?? []
        )
        do {
            _ = try tree()
        } catch {
            throw DecodingError.dataCorruptedError(forKey: .shares, in: members, debugDescription: "\(error)")
        }
    }
}

extension AccountDocument.Quota: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case rate, daily
        case evenOut = "even_out"
    }

    public init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            guard word == "auto" else { throw decoder.corrupted("must be auto or {rate, daily}") }
            self = .auto
            return
        }
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let rate = try members.decode(Double.self, forKey: .rate)
        guard rate >= 0.001, rate <= 1_000_000 else {
            throw DecodingError.dataCorruptedError(
                forKey: .rate,
                in: members,
                debugDescription: "must be from 0.001 to 1000000 recipients per second"
            )
        }
        let daily = Int64(try members.decodeWholeIfPresent(forKey: .daily) ?? -1)
        guard daily >= -1 else {
            throw DecodingError.dataCorruptedError(
                forKey: .daily,
                in: members,
                debugDescription: "must be a number of recipients in 24 hours, or -1 for no limit"
            )
        }
        let evenOut = try members.decodeIfPresent(Bool.self, forKey: .evenOut) ?? false
        guard !evenOut || daily >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .evenOut,
                in: members,
                debugDescription: "needs a daily quota to spread over the hours"
            )
        }
        self = .fixed(rate: rate, daily: daily, evenOut: evenOut)
    }
}

extension AccountDocument.Credentials: Decodable {
    private enum Keys: String, CodingKey, CaseIterable {
        case profile
        case roleARN = "role_arn"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let profile = try members.decodeLine(forKey: .profile)
        let role = try members.decodeLine(forKey: .roleARN)
        switch (profile, role) {
        case (let profile?, nil): self = .profile(profile)
        case (nil, let role?): self = .role(role)
        default: throw decoder.corrupted("must have either profile or role_arn")
        }
    }
}
