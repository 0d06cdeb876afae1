import Coding
public import Mail

/// How a tenant's mail goes out through one account, where it is not as the account says (`senders` of a tenant).
public struct SenderRule: Hashable, Sendable {
    /// Where SES sends bounces and complaints as mails.
    public struct Feedback: Hashable, Sendable {
        public var address: String
        /// The identity of another AWS account that the address belongs to.
        public var identityARN: String?
    }

    /// Of one tenant; calls look through them.
    static let maximumCount = 1000
    /// Domains and addresses of one tenant.
    static let maximumNames = 1000

    /// Whose From it is about; nil: every one of the tenant's.
    public var name: SenderName?
    public var account: String
    /// Only mail for this region; nil: for every one.
    public var region: String?
    public var identityARN: String?
    public var feedback: Feedback?
    /// By stream.
    public var configurationSets: [String: String] = [:]

    public init(account: String) {
        self.account = account
    }

    /// How much it says about whom it is for: the more exact rule wins.
    var rank: Int { (name.map { $0.isAddress ? 4 : 2 } ?? 0) + (region == nil ? 0 : 1) }
}

extension SenderRule: Codable {
    private enum Keys: String, CodingKey, CaseIterable {
        case domain, address, account, region, feedback
        case identityARN = "identity_arn"
        case configurationSet = "configuration_set"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        func fault(_ key: Keys, _ detail: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: members, debugDescription: detail)
        }
        let domain = try members.decodeSender(forKey: .domain)
        let address = try members.decodeSender(forKey: .address)
        guard domain == nil || address == nil else { throw fault(.address, "give either domain or address") }
        guard domain?.isAddress != true else { throw fault(.domain, "must be a domain; give addresses as address") }
        guard address?.isAddress != false else { throw fault(.address, "must be an address; give domains as domain") }
        name = domain ?? address
        account = try members.decode(String.self, forKey: .account)
        try DirectoryName.check(account, at: members.codingPath + [Keys.account])
        region = try members.decodeIfPresent(String.self, forKey: .region)
        if let region { try DirectoryName.check(region, at: members.codingPath + [Keys.region]) }
        identityARN = try members.decodeLine(forKey: .identityARN)
        if let identityARN {
            guard let name else { throw fault(.identityARN, "needs the domain or address that the identity is for") }
            if let problem = IdentityARN.problem(identityARN, sender: name) { throw fault(.identityARN, problem) }
        }
        feedback = try members.decodeIfPresent(Feedback.self, forKey: .feedback)
        if members.contains(.configurationSet), try !members.decodeNil(forKey: .configurationSet) {
            configurationSets = try StreamSets(from: members.superDecoder(forKey: .configurationSet)).sets
        }
        guard identityARN != nil || feedback != nil || !configurationSets.isEmpty else {
            throw decoder.corrupted("says nothing: give identity_arn, feedback or configuration_set")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        if let name { try members.encode(name.text, forKey: name.isAddress ? .address : .domain) }
        try members.encode(account, forKey: .account)
        try members.encodeIfPresent(region, forKey: .region)
        try members.encodeIfPresent(identityARN, forKey: .identityARN)
        try members.encodeIfPresent(feedback, forKey: .feedback)
        if !configurationSets.isEmpty { try members.encode(configurationSets, forKey: .configurationSet) }
    }
}

extension SenderRule.Feedback: Codable {
    private enum Keys: String, CodingKey, CaseIterable {
        case address
        case identityARN = "identity_arn"
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        guard let sender = try members.decodeSender(forKey: .address), sender.isAddress else {
            throw DecodingError.dataCorruptedError(
                forKey: .address,
                in: members,
                debugDescription: "must be the address that bounces go to"
            )
        }
        address = sender.text
        identityARN = try members.decodeLine(forKey: .identityARN)
        if let identityARN, let problem = IdentityARN.problem(identityARN, sender: sender) {
            throw DecodingError.dataCorruptedError(forKey: .identityARN, in: members, debugDescription: problem)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Keys.self)
        try members.encode(address, forKey: .address)
        try members.encodeIfPresent(identityARN, forKey: .identityARN)
    }
}

/// `configuration_set`: a name for all streams, or `{transactional: ..., bulk: ...}`.
private struct StreamSets: Decodable {
    let sets: [String: String]

    private enum Keys: String, CodingKey, CaseIterable {
        case transactional, bulk
    }

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard Self.isName(name) else { throw decoder.corrupted(Self.form) }
            sets = Dictionary(uniqueKeysWithValues: StreamName.all.map { ($0, name) })
            return
        }
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        var sets: [String: String] = [:]
        for key in Keys.allCases {
            guard let name = try members.decodeIfPresent(String.self, forKey: key) else { continue }
            guard Self.isName(name) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: members, debugDescription: Self.form)
            }
            sets[key.rawValue] = name
        }
        self.sets = sets
    }

    private static let form = "must be a configuration set's name: 1 to 64 letters, digits, '-' and '_'"

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
    }
}

extension KeyedDecodingContainer {
    /// A domain or an address that people can read as what it is, or nil for null and a missing member.
    func decodeSender(forKey key: Key) throws -> SenderName? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        return try SenderName.checked(text, at: codingPath + [key])
    }

    /// A list of those in the form that is compared, as they were given, without repetitions.
    func decodeSenders(forKey key: Key) throws -> [String] {
        let entries = try decode([String].self, forKey: key)
        guard entries.count <= SenderRule.maximumNames else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "must be at most \(SenderRule.maximumNames) domains and addresses"
            )
        }
        var names: [String] = []
        var known: Set<String> = []
        for (index, text) in entries.enumerated() {
            let name = try SenderName.checked(
                text,
                at: codingPath + [key, MemberName(intValue: index)] as [any CodingKey]
            )
            if known.insert(name.text).inserted { names.append(name.text) }
        }
        return names
    }
}

extension SenderName {
    fileprivate static func checked(_ text: String, at path: [any CodingKey]) throws(DecodingError) -> SenderName {
        let detail: String
        do throws(AddressError) {
            let name = try SenderName(parsing: text)
            guard let fault = DomainLook(name.domain).fault else { return name }
            detail = fault
        } catch {
            detail = error.message
        }
        throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: detail))
    }
}
