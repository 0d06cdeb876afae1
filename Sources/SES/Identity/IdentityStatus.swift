import FoundationEssentials

/// What SES says of one of an account's identities (`GetEmailIdentity`): a domain or an address that mail is sent from.
public struct IdentityStatus: Hashable, Sendable, Codable {
    /// States that SES has for DKIM and for the MAIL FROM domain; more may come.
    public enum State {
        public static let pending = "PENDING"
        public static let success = "SUCCESS"
        public static let failed = "FAILED"
        public static let temporaryFailure = "TEMPORARY_FAILURE"
        public static let notStarted = "NOT_STARTED"
    }

    /// The identity's own name.
    public var name: String
    /// SES takes mail from it.
    public var isVerified: Bool
    public var isDKIMEnabled: Bool
    public var dkimState: String
    /// What the names of the CNAME records begin with, three of them with Easy DKIM; with a key of one's own, the selector.
    public var dkimTokens: [String]
    /// `AWS_SES` with Easy DKIM, `EXTERNAL` with a key of one's own.
    public var dkimOrigin: String
    /// Where SES keeps the keys; nil: it did not say.
    public var dkimZone: String?
    /// The custom MAIL FROM domain; nil: SES's own.
    public var mailFrom: String?
    public var mailFromState: String?
    /// The set that is used where a call names none.
    public var configurationSet: String?

    public init(
        name: String,
        isVerified: Bool,
        isDKIMEnabled: Bool = true,
        dkimState: String = State.notStarted,
        dkimTokens: [String] = [],
        dkimOrigin: String = "AWS_SES",
        dkimZone: String? = nil,
        mailFrom: String? = nil,
        mailFromState: String? = nil,
        configurationSet: String? = nil
    ) {
        self.name = name
        self.isVerified = isVerified
        self.isDKIMEnabled = isDKIMEnabled
        self.dkimState = dkimState
        self.dkimTokens = dkimTokens
        self.dkimOrigin = dkimOrigin
        self.dkimZone = dkimZone
        self.mailFrom = mailFrom
        self.mailFromState = mailFromState
        self.configurationSet = configurationSet
    }
}

extension IdentityStatus {
    /// The answer of `GetEmailIdentity`. What is missing is taken for the default.
    private struct Document: Decodable {
        private enum CodingKeys: String, CodingKey {
            case isVerified = "VerifiedForSendingStatus"
            case dkim = "DkimAttributes"
            case mailFrom = "MailFromAttributes"
            case configurationSet = "ConfigurationSetName"
        }

        struct DKIM: Decodable {
            private enum CodingKeys: String, CodingKey {
                case isEnabled = "SigningEnabled"
                case state = "Status"
                case tokens = "Tokens"
                case origin = "SigningAttributesOrigin"
                case zone = "SigningHostedZone"
            }

            let isEnabled: Bool?
            let state: String?
            let tokens: [String]?
            let origin: String?
            let zone: String?
        }

        struct MailFrom: Decodable {
            private enum CodingKeys: String, CodingKey {
                case domain = "MailFromDomain"
                case state = "MailFromDomainStatus"
            }

            let domain: String?
            let state: String?
        }

        let isVerified: Bool
        let dkim: DKIM?
        let mailFrom: MailFrom?
        let configurationSet: String?
    }

    /// Tokens that one identity may have; SES gives three.
    private static let mostTokens = 16

    /// `nil` if `body` is no answer of `GetEmailIdentity`.
    init?(_ body: [UInt8], name: String) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)) else { return nil }
        func text(_ value: String?) -> String? {
            value.flatMap { $0.isEmpty || $0.utf8.count > 255 || $0.utf8.contains(0) ? nil : $0 }
        }
        let mailFrom = text(document.mailFrom?.domain)
        self.init(
            name: name,
            isVerified: document.isVerified,
            isDKIMEnabled: document.dkim?.isEnabled ?? false,
            dkimState: text(document.dkim?.state) ?? State.notStarted,
            dkimTokens: (document.dkim?.tokens ?? []).compactMap { text($0) }.prefix(Self.mostTokens).map(\.self),
            dkimOrigin: text(document.dkim?.origin) ?? "AWS_SES",
            dkimZone: text(document.dkim?.zone),
            mailFrom: mailFrom,
            mailFromState: mailFrom == nil ? nil : text(document.mailFrom?.state),
            configurationSet: text(document.configurationSet)
        )
    }
}
