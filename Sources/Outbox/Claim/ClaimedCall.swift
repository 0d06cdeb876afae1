public import Mail
public import Telemetry

/// A claimed entry with what is needed to send it.
public struct ClaimedCall: Sendable {
    public struct Row: Sendable {
        public let id: OutboxID
        public let email: String
        public let kind: RecipientKind
        /// Attempts so far.
        public let attempt: Int16
    }

    public let claimID: Int64
    public let entry: EntryID
    public let laneID: Int32
    public let priority: Priority
    public let rows: [Row]
    /// The From header's value.
    public let sender: String
    /// Bytes of the content.
    public let size: Int
    /// Its time to be sent is over.
    public let isExpired: Bool
    /// SES has it already: word of an earlier attempt came after it was put back.
    public let isSuperseded: Bool
    /// The tenant's mail does not go to these recipients any more. Others of the same entry are a call of their own.
    public let isSuppressed: Bool
    /// The market that it was accepted for.
    public var region = ""
    /// The request that it came with, where that is recorded.
    public var trace: TraceContext?
}
