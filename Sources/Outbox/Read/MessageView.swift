public import Foundation
public import Mail

/// A message as its tenant sees it.
public struct MessageView: Sendable {
    public struct Recipient: Sendable {
        public let email: String
        public let kind: RecipientKind
        public let status: MessageStatus
        public let attempts: Int
        public let sesMessageID: String?
        public let detail: String?
        public let lastEvent: EventType?
        public let updatedAt: Date
    }

    /// Where and why it waits.
    public struct Waiting: Sendable {
        public enum Blocker: String, Sendable {
            case share
            case paused
            case dailyQuota = "daily_quota"
            case schedule
            case retry
        }

        public let blocker: Blocker
        /// In words, where there is more to say than the blocker does.
        public let detail: String?
        /// When it is tried next, where that is known.
        public let until: Date?
    }

    public let id: MessageID
    public let region: String
    public let stream: String
    public let laneID: Int32
    public let from: String
    public let subject: String?
    /// JSON objects.
    public let tags: String?
    public let metadata: String?
    public let createdAt: Date
    public let scheduledAt: Date?
    public let expiresAt: Date?
    public let recipients: [Recipient]
    public let waiting: Waiting?

    public var summary: MessageSummary { MessageSummary(recipients.map(\.status)) }
}

/// Something that happened to a recipient of a message.
public struct MessageEvent: Sendable {
    public let id: String
    public let type: EventType
    public let recipient: String
    public let at: Date
    /// A JSON object.
    public let data: String?
}
