/// What a sender of feedback is told.
public enum IntakeAnswer: Hashable, Sendable {
    /// It is durable, or nothing more is to come of it.
    case accepted
    /// It can never be accepted: an HTTP status, a code for programs, and a sentence.
    case refused(status: Int, code: String, detail: String)
    /// It may be accepted after so many seconds.
    case busy(retryAfter: Int)
}
