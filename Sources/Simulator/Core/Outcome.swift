/// How one send ended, in the ledger's words.
enum Outcome: UInt8, CaseIterable, Sendable {
    case accepted
    /// Refused: the rate's window was full.
    case throttled
    /// Refused: the 24 h quota was spent.
    case dailyQuota
    /// Refused: the request was invalid.
    case rejected
    /// Refused by a `throttle` fault, not because the sender was too fast.
    case throttledByFault
    /// Refused by a `paused` fault.
    case paused
    /// Refused by an `expired_token` fault.
    case expiredToken
    /// Refused by a `status` fault.
    case failed
    /// Accepted, then answered with an error by a `status` fault with `accept: true`.
    case failedAfterAccept
    case resetBeforeBody
    case resetDuringBody
    /// Accepted, then the connection was reset instead of an answer.
    case resetAfterAccept
    /// Accepted, then never answered.
    case hungAfterAccept
    /// Accepted, then answered with a junk body.
    case invalidMessageID

    /// Whether the recipients were counted, and would have got the mail.
    var isAccepted: Bool {
        switch self {
        case .accepted, .failedAfterAccept, .resetAfterAccept, .hungAfterAccept, .invalidMessageID: true
        default: false
        }
    }

    var name: String {
        switch self {
        case .accepted: "accepted"
        case .throttled: "throttled"
        case .dailyQuota: "daily_quota"
        case .rejected: "rejected"
        case .throttledByFault: "throttled_by_fault"
        case .paused: "paused"
        case .expiredToken: "expired_token"
        case .failed: "failed"
        case .failedAfterAccept: "failed_after_accept"
        case .resetBeforeBody: "reset_before_body"
        case .resetDuringBody: "reset_during_body"
        case .resetAfterAccept: "reset_after_accept"
        case .hungAfterAccept: "hung_after_accept"
        case .invalidMessageID: "invalid_message_id"
        }
    }
}
