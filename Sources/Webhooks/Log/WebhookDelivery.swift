public import Foundation

/// One event on its way to one endpoint, as the log shows it.
public struct WebhookDelivery: Sendable {
    /// A UUIDv7 of its making.
    public let id: UUID
    /// The `webhook-id`.
    public let eventID: UUID
    public let type: String
    /// Nil for a notice, and once retention has dropped the message.
    public let messageID: String?
    /// It was asked for again.
    public let isReplay: Bool
    public let status: DeliveryStatus
    /// Nil once nothing is to be tried any more.
    public let nextAttemptAt: Date?
    /// A JSON array of `{at, status_code, duration_ms, error}`, oldest first.
    public let attempts: String

    public init(
        id: UUID,
        eventID: UUID,
        type: String,
        messageID: String?,
        isReplay: Bool,
        status: DeliveryStatus,
        nextAttemptAt: Date?,
        attempts: String
    ) {
        self.id = id
        self.eventID = eventID
        self.type = type
        self.messageID = messageID
        self.isReplay = isReplay
        self.status = status
        self.nextAttemptAt = nextAttemptAt
        self.attempts = attempts
    }

    /// The time in its id.
    public var createdAt: Date {
        let bytes = id.uuid
        let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
