public import Mail

/// What became of one message of a submission.
public enum MessageVerdict: Equatable, Sendable {
    case accepted(MessageStatus)
    /// The database refuses it; trying again is of no use.
    case refused
    case overLimit(LimitRefusal)

    /// The status that it was accepted with; nil when it was not.
    public var status: MessageStatus? {
        if case .accepted(let status) = self { status } else { nil }
    }

    /// Whether it would be accepted at another time.
    var isPassing: Bool {
        if case .overLimit = self { true } else { false }
    }
}
