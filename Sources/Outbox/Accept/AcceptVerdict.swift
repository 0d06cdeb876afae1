/// What became of one submission in its flush.
enum AcceptVerdict: Sendable {
    /// Committed, as far as the messages were accepted.
    case accepted([MessageVerdict])
    /// The answer stands in the database.
    case answered(Receipt)
    case failed(AcceptError)

    var isAnswer: Bool {
        if case .answered = self { true } else { false }
    }

    /// Whether it would be the same a moment later: the database did its work.
    var isLasting: Bool {
        if case .failed(let error) = self { error.code != .unavailable } else { true }
    }
}
