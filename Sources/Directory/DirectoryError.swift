/// Why a change to the directory was refused.
public struct DirectoryError: Error, Sendable, CustomStringConvertible {
    /// What kind of refusal; more may be added.
    public struct Code: Hashable, Sendable {
        private enum Value { case notFound, invalid, invalidShares, staleVersion, conflict, exceeds, ended }
        private let value: Value

        /// There is no account, share, tenant or key with the name.
        public static let notFound = Code(value: .notFound)
        /// The change contradicts itself or the directory.
        public static let invalid = Code(value: .invalid)
        /// The share tree would not be one: rates that add up to too much, a share that could never send.
        public static let invalidShares = Code(value: .invalidShares)
        /// The account or the tenant has changed since the version that the caller saw.
        public static let staleVersion = Code(value: .staleVersion)
        /// What is to be removed is still in use: mail is queued there, or a route leads there.
        public static let conflict = Code(value: .conflict)
        /// A key was to be able to do more than the one that it is made with.
        public static let exceeds = Code(value: .exceeds)
        /// The key that it is asked with was revoked or has expired.
        public static let ended = Code(value: .ended)
    }

    public let code: Code
    public let message: String
    /// The share that is wrong, below its account ("" for the account), with `invalidShares`.
    public let sharePath: String?

    init(_ code: Code, _ message: String, sharePath: String? = nil) {
        self.code = code
        self.message = message
        self.sharePath = sharePath
    }

    public var description: String { message }
}
