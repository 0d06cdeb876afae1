import FoundationEssentials
import Mail

/// What SES is told of a call besides the message.
public struct SenderTerms: Hashable, Sendable {
    public var identityARN: String?
    public var feedbackAddress: String?
    public var feedbackIdentityARN: String?
    /// In place of the account's.
    public var configurationSet: String?

    /// Nothing: all is as the account says.
    public static let standard = SenderTerms()

    public init(
        identityARN: String? = nil,
        feedbackAddress: String? = nil,
        feedbackIdentityARN: String? = nil,
        configurationSet: String? = nil
    ) {
        self.identityARN = identityARN
        self.feedbackAddress = feedbackAddress
        self.feedbackIdentityARN = feedbackIdentityARN
        self.configurationSet = configurationSet
    }
}

/// A tenant's rules, the more exact ones first. Of what several say, the most exact counts.
public struct SenderRules: Equatable, Sendable {
    public let all: [SenderRule]
    private let ranked: [SenderRule]
    private let hasNames: Bool

    public var isEmpty: Bool { all.isEmpty }

    public init(_ rules: [SenderRule] = []) {
        all = rules
        ranked = rules.enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }.map(
            \.element
        )
        hasNames = rules.contains { $0.name != nil }
    }

    /// As stored. What cannot be read, which is what a newer version wrote, says nothing.
    init(stored json: String) {
        guard json != "[]" else {
            self.init()
            return
        }
        self.init((try? JSONDecoder().decode([SenderRule].self, from: Data(json.utf8))) ?? [])
    }

    /// The rules as the document that they come from.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(all)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }

    /// - Parameter from: the From header's value.
    public func terms(from: String, account: String, region: String, stream: String) -> SenderTerms {
        guard !ranked.isEmpty else { return .standard }
        let address = hasNames ? try? EmailAddress(parsing: from) : nil
        var terms = SenderTerms()
        for rule in ranked where rule.account == account && (rule.region == nil || rule.region == region) {
            if let name = rule.name {
                guard let address, name.text == (name.isAddress ? address.matchKey : address.domain) else { continue }
            }
            if terms.identityARN == nil { terms.identityARN = rule.identityARN }
            if terms.configurationSet == nil { terms.configurationSet = rule.configurationSets[stream] }
            if terms.feedbackAddress == nil, let feedback = rule.feedback {
                terms.feedbackAddress = feedback.address
                terms.feedbackIdentityARN = feedback.identityARN
            }
        }
        return terms
    }
}
