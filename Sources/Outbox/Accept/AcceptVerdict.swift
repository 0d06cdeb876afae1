import Mail

/// What became of one submission in its flush.
enum AcceptVerdict: Sendable {
    /// Committed; nil for a message that was refused.
    case accepted([MessageStatus?])
    /// The answer stands in the database.
    case answered(Receipt)
    case failed(AcceptError)
}
