/// One attempt as `send_log` has it: when it started and ended on its node's monotonic clock.
public struct LoggedAttempt: Equatable, Sendable {
    public let shareID: Int32
    public let node: String
    public let epoch: Int64
    public let recipients: Int
    /// Nanoseconds since the node started its clock.
    public let startedAt: Int64
    public let answeredAt: Int64
    /// `sent`, `not_sent`, or `unknown`.
    public let outcome: String
    /// Since when it waited, for a first attempt: nanoseconds since 1970 on the database's clock.
    public let waitedSince: Int64?

    /// SES has said that it took it.
    public var isSent: Bool { outcome == "sent" }
    /// SES may have taken it.
    public var isUnknown: Bool { outcome == "unknown" }
}
