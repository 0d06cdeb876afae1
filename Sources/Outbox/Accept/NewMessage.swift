public import Foundation
public import Mail
public import Telemetry

/// A validated message on its way into the outbox.
public struct NewMessage: Sendable {
    public struct Recipient: Sendable {
        public let email: String
        public let kind: RecipientKind
        /// The tenant's mail does not go there; found out when the message is written.
        var isSuppressed = false

        public init(email: String, kind: RecipientKind) {
            self.email = email
            self.kind = kind
        }
    }

    public var id: MessageID
    public var tenantID: Int32
    public var laneID: Int32
    public var region: String
    public var stream: MessageStream
    public var priority: Priority
    /// One call per recipient; false: one call for all.
    public var split: Bool
    public var recipients: [Recipient]
    /// The From header's value.
    public var sender: String
    public var subject: String?
    /// JSON objects of strings, nil when empty.
    public var tags: String?
    public var metadata: String?
    public var content: StoredContent
    public var scheduledAt: Date?
    public var expiresAt: Date?
    /// Answered by us and never sent: its lane is a test lane.
    public var isTest: Bool
    /// The request that it came with, where that is recorded.
    public var trace: TraceContext?

    public init(
        id: MessageID,
        tenantID: Int32,
        laneID: Int32,
        region: String,
        stream: MessageStream,
        priority: Priority,
        split: Bool,
        recipients: [Recipient],
        sender: String,
        subject: String?,
        tags: String?,
        metadata: String?,
        content: StoredContent,
        scheduledAt: Date? = nil,
        expiresAt: Date? = nil,
        isTest: Bool = false,
        trace: TraceContext? = TraceContext.current
    ) {
        self.id = id
        self.tenantID = tenantID
        self.laneID = laneID
        self.region = region
        self.stream = stream
        self.priority = priority
        self.split = split
        self.recipients = recipients
        self.sender = sender
        self.subject = subject
        self.tags = tags
        self.metadata = metadata
        self.content = content
        self.scheduledAt = scheduledAt
        self.expiresAt = expiresAt
        self.isTest = isTest
        self.trace = trace
    }

    /// The status with which it starts.
    var status: MessageStatus { recipients.allSatisfy(\.isSuppressed) ? .suppressed : startingStatus }

    /// The status with which a recipient starts that is not suppressed.
    var startingStatus: MessageStatus { scheduledAt == nil ? .queued : .scheduled }

    /// Its entries in `ready` or `deferred`.
    var entries: [(id: EntryID, recipients: Int)] {
        let numbers = recipients.indices.filter { !recipients[$0].isSuppressed }.map { $0 + 1 }
        guard split || recipients.count == 1 else { return numbers.isEmpty ? [] : [(.message(id), numbers.count)] }
        return numbers.compactMap { number in id.outbox(number).map { (.row($0), 1) } }
    }
}
