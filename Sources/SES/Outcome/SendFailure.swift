/// Why a call to SES did not succeed, and whose business that is.
public struct SendFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; decides what happens to the message and to the account.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case throttled, dailyQuota, accountPaused, credentials, configuration, unreachable, stopped
            case identityUnverified, rejected, temporary, ambiguous
        }

        private let value: Value

        /// The account's rate was exceeded: later, unharmed.
        public static let throttled = Kind(value: .throttled)
        /// The account's 24-hour quota is spent.
        public static let dailyQuota = Kind(value: .dailyQuota)
        /// AWS, or an operator at AWS's console, has paused the account or its configuration set.
        public static let accountPaused = Kind(value: .accountPaused)
        /// No credentials, or SES does not accept them or what they may do.
        public static let credentials = Kind(value: .credentials)
        /// Something is missing or wrong at the account that its operator must put right: the configuration set, the MAIL
        /// FROM domain, the endpoint.
        public static let configuration = Kind(value: .configuration)
        /// No connection to SES: DNS, TCP or TLS.
        public static let unreachable = Kind(value: .unreachable)
        /// We stopped the call ourselves before it was whole on the wire: deadline, cancellation, shutdown.
        public static let stopped = Kind(value: .stopped)
        /// The sender's identity (or, in the sandbox, the recipient's) is not verified with SES.
        public static let identityUnverified = Kind(value: .identityUnverified)
        /// SES will never take this message: an address, a header, the content.
        public static let rejected = Kind(value: .rejected)
        /// Not sent this time, for no reason that lasts.
        public static let temporary = Kind(value: .temporary)
        /// The request left and its fate is not known.
        public static let ambiguous = Kind(value: .ambiguous)

        public var description: String { value.rawValue }
    }

    public let kind: Kind

    /// SES's error code, such as `MessageRejected`; `nil` if it gave none.
    public let code: String?

    /// A sentence for people. Addresses in SES's words are shortened to their domains.
    public let message: String

    public init(_ kind: Kind, code: String? = nil, message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }

    public var description: String { "\(kind): \(message)" }
}
