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
        /// SES took it and has said nothing since, for longer than it should take.
        public var isFeedbackMissing = false
    }

    /// Where and why it waits.
    public struct Waiting: Sendable {
        public enum Blocker: String, Sendable {
            /// Its share holds all that its ceiling allows.
            case share
            /// Its share could hold more, but the account has no more to give.
            case accountQuota = "account_quota"
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
        /// Its place in its lane, in recipients; 1 is next. Nil where it is not in the lane, or too far back to count.
        public let position: Int?
        /// Recipients a second that its lane gets now; nil where it is not in the lane.
        public let rate: Double?
        /// When it is expected to go.
        public let eta: Date?

        public init(
            blocker: Blocker,
            detail: String? = nil,
            until: Date? = nil,
            position: Int? = nil,
            rate: Double? = nil,
            eta: Date? = nil
        ) {
            self.blocker = blocker
            self.detail = detail
            self.until = until
            self.position = position
            self.rate = rate
            self.eta = eta
        }
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
    /// All of them, or the part of many that was asked for.
    public let recipients: [Recipient]
    public let waiting: Waiting?
    /// Answered by us and never sent.
    public var isTest = false
    /// Of all recipients, where not all are shown.
    public var crowd: Crowd?

    /// A message's recipients: so many, of which some are shown.
    public struct Crowd: Sendable {
        public let recipients: Int
        public let summary: MessageSummary
        /// The last one that is shown; nil when no more come.
        public let next: OutboxID?

        public init(recipients: Int, summary: MessageSummary, next: OutboxID?) {
            self.recipients = recipients
            self.summary = summary
            self.next = next
        }
    }

    public var summary: MessageSummary { crowd?.summary ?? MessageSummary(recipients.map(\.status)) }
}

/// What happened to some of a message's recipients.
public struct MessageEventPage: Sendable {
    public let events: [MessageEvent]
    /// The last recipient that they are about; nil when there are no more.
    public let next: OutboxID?

    public init(events: [MessageEvent], next: OutboxID? = nil) {
        self.events = events
        self.next = next
    }
}

/// Something that happened to a recipient of a message.
public struct MessageEvent: Sendable {
    public let id: String
    public let type: EventType
    public let recipient: String
    /// Where the recipient's copy stood once this was known.
    public let status: MessageStatus
    public let at: Date
    /// A JSON object.
    public let data: String?
}
