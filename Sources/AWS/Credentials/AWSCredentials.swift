public import FoundationEssentials
public import Signing

/// Keys for signing, where they came from and when they end. Its descriptions never show the secret parts.
public struct AWSCredentials: Hashable, Sendable {
    public let keys: SigV4Credentials

    /// When AWS stops accepting them; `nil` for keys without an end.
    public let expiration: Date?

    /// Where they were found, for people: `environment`, `profile "mail"`, `role ARN`.
    public let source: String

    public init(keys: SigV4Credentials, expiration: Date? = nil, source: String) {
        self.keys = keys
        self.expiration = expiration
        self.source = source
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(keys) from \(source)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["keys": keys.accessKeyID, "source": source]) }
}
