/// One envelope for one destination. It is written again for each attempt, which is the same to the byte, so that what
/// waits takes little room.
struct Notification: Sendable {
    enum Content: Sendable {
        case event(SaidEvent, NotificationFormat)
        /// What SES publishes when an event destination is made.
        case setUp
    }

    let content: Content
    let destination: Destination
    /// SNS's own message id.
    let id: String
    /// Wall-clock milliseconds of the publication.
    let at: Int64
    var attempts = 0
    /// Whether an attempt may have reached the receiver without a sign of it.
    var isDoubtful = false
}

/// Where notifications go.
enum Destination: Int, CaseIterable, Sendable {
    /// The HTTP subscription of an SNS topic.
    case topic
    /// An SQS queue.
    case queue
}

/// How one attempt to hand a notification over ended.
enum Attempt: Equatable, Sendable {
    /// Taken.
    case taken
    /// Refused for good.
    case refused
    /// To be tried again; `mayHaveArrived` where the receiver perhaps took it.
    case failed(mayHaveArrived: Bool)
}
