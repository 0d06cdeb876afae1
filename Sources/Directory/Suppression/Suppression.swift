public import struct Foundation.Date

/// An address that a tenant's mail does not go to.
public struct Suppression: Equatable, Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        case bounce
        case complaint
        case manual
    }

    /// In lower case, the domain in Punycode.
    public let email: String
    public let reason: Reason
    /// SES's words, or the tenant's own.
    public let detail: String?
    /// Whose event it came from.
    public let messageID: String?
    public let createdAt: Date

    public init(email: String, reason: Reason, detail: String?, messageID: String?, createdAt: Date) {
        self.email = email
        self.reason = reason
        self.detail = detail
        self.messageID = messageID
        self.createdAt = createdAt
    }
}
