public import Foundation
public import Mail

/// A message as a list shows it.
public struct ListedMessage: Sendable {
    public let id: MessageID
    public let region: String
    public let stream: String
    /// The From header's value.
    public let from: String
    public let subject: String?
    /// JSON objects.
    public let tags: String?
    public let metadata: String?
    public let createdAt: Date
    public let scheduledAt: Date?
    public let expiresAt: Date?
    public let recipients: Int
    /// A test key's.
    public var isTest = false
    /// The first of those whom it goes to.
    public var to: [String] = []
    /// Of all recipients.
    public var summary = MessageSummary(counts: [:])
}

/// A recipient as a list shows it.
public struct ListedRecipient: Sendable {
    public let id: OutboxID
    public let email: String
    public let kind: RecipientKind
    public let status: MessageStatus
    public let attempts: Int
    public let sesMessageID: String?
    /// Why it failed or is late, in the words of SES where it has some.
    public let reason: String?
    public let updatedAt: Date
    public let region: String
    public let stream: String
    public let createdAt: Date
    public let lastEvent: EventType?
    /// That event's own members, in SES's words: a JSON object.
    public let details: String?
}

/// A part of a list, newest first.
public struct ListPage<Item: Sendable, Cursor: Sendable>: Sendable {
    public let items: [Item]
    /// How far was looked, where that is not the list's end: there may be more beyond this one.
    public let edge: Cursor?

    public init(items: [Item], edge: Cursor? = nil) {
        self.items = items
        self.edge = edge
    }
}
