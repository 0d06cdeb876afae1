public import Mail

public import struct Foundation.Date

/// An address that a tenant's mail, or its mail of one stream, does not go to.
public struct Suppression: Equatable, Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        case bounce
        case complaint
        case manual
        case unsubscribe
    }

    /// In lower case, the domain in Punycode.
    public let email: String
    public let reason: Reason
    /// Nil: all mail.
    public let stream: MessageStream?
    /// SES's words, or the tenant's own.
    public let detail: String?
    /// Whose event it came from.
    public let messageID: String?
    public let createdAt: Date

    public init(
        email: String,
        reason: Reason,
        stream: MessageStream? = nil,
        detail: String?,
        messageID: String?,
        createdAt: Date
    ) {
        self.email = email
        self.reason = reason
        self.stream = stream
        self.detail = detail
        self.messageID = messageID
        self.createdAt = createdAt
    }

    /// Its place in the list: the address, and behind it the stream, if it is for one only. (No domain holds a slash.)
    public var place: String { stream.map { "\(email)/\($0.rawValue)" } ?? email }
}
