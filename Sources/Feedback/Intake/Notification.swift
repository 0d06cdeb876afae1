public import struct FoundationEssentials.Date

/// A message of a topic or a queue, as SES wrote it, whose sender is known.
public struct Notification: Sendable {
    public let accountID: Int32
    /// The topic's ARN or the queue's URL.
    public let source: String
    /// SNS's message id, EventBridge's event id, or else SQS's message id. The same when the sender repeats it.
    public let id: String
    public let receivedAt: Date
    /// SES's JSON or plain text, in EventBridge's envelope where it came in one.
    public let message: [UInt8]

    public init(accountID: Int32, source: String, id: String, receivedAt: Date, message: [UInt8]) {
        self.accountID = accountID
        self.source = source
        self.id = id
        self.receivedAt = receivedAt
        self.message = message
    }
}
