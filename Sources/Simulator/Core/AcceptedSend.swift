/// A message that was taken, for those who tell what becomes of it.
struct AcceptedSend: Sendable {
    let id: MessageID
    let messageID: String
    /// Wall-clock milliseconds.
    let milliseconds: Int64
    let submission: Submission
    /// Whether the sender was told the message id.
    let isAnswered: Bool
    /// Recipients on the account's suppression list, as they are written in the submission.
    let suppressed: Set<String>

    init(id: MessageID, milliseconds: Int64, submission: Submission, isAnswered: Bool, suppressed: Set<String>) {
        self.id = id
        messageID = id.text
        self.milliseconds = milliseconds
        self.submission = submission
        self.isAnswered = isAnswered
        self.suppressed = suppressed
    }
}
