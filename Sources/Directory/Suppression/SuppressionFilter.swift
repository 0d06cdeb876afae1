/// Which suppressions are asked for; nil: any.
public struct SuppressionFilter: Equatable, Sendable {
    /// What the address begins with, in lower case.
    public var prefix: String?
    /// In Punycode.
    public var domain: String?
    public var reason: Suppression.Reason?

    public init(prefix: String? = nil, domain: String? = nil, reason: Suppression.Reason? = nil) {
        self.prefix = prefix
        self.domain = domain
        self.reason = reason
    }
}
