/// How the attempt of one claimed entry ended.
public struct Outcome: Sendable {
    public enum Result: Sendable {
        /// SES took it.
        case sent(sesMessageID: String)
        /// It was not sent for a reason that is not its own (throttling, a parked account, a stop): back to its place,
        /// no attempt spent.
        case returned
        /// The same, but not before `delay` is over.
        case postponed(delay: Duration, detail: String)
        /// A temporary refusal: again after `delay`.
        case retry(delay: Duration, detail: String)
        case failed(detail: String)
        /// SES may have taken it; the tenant's policy decides after `grace`.
        case unknown(grace: Duration, detail: String)
        /// Its time was over before it was sent.
        case expired
        /// It was not sent because an earlier attempt turned out to have been.
        case superseded
        /// The tenant's mail does not go to its recipients any more.
        case suppressed
    }

    public let call: ClaimedCall
    public let result: Result
    /// What the send log says of the attempt; nil when nothing went on the wire.
    public let attempt: AttemptRecord?

    public init(call: ClaimedCall, result: Result, attempt: AttemptRecord? = nil) {
        self.call = call
        self.result = result
        self.attempt = attempt
    }
}

/// One attempt as its node saw it.
public struct AttemptRecord: Sendable {
    public let accountID: Int32
    public let shareID: Int32
    /// The life of the node that made it.
    public let node: String
    public let epoch: Int64
    /// On the node's monotonic clock, in nanoseconds.
    public let startedAt: Int64
    public let answeredAt: Int64

    public init(accountID: Int32, shareID: Int32, node: String, epoch: Int64, startedAt: Int64, answeredAt: Int64) {
        self.accountID = accountID
        self.shareID = shareID
        self.node = node
        self.epoch = epoch
        self.startedAt = startedAt
        self.answeredAt = answeredAt
    }
}
