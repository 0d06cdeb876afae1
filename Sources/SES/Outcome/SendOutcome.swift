/// How one call ended (design.md section 6).
public enum SendOutcome: Hashable, Sendable {
    /// SES took the message under this id.
    case sent(messageID: String)
    /// SES did not take it, or never had it whole: safe to repeat.
    case notSent(SendFailure)
    /// The request left, and whether SES took it is not known.
    case unknown(SendFailure)
}
