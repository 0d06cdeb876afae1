/// How many events were said and what became of them: `events` of `GET /_simulator/summary`.
public struct EventSummary: Sendable, Equatable {
    /// Events, the lost ones among them.
    public var said: Int
    /// Events of which the receiver took at least one notification.
    public var delivered: Int
    /// Lost: by a fault, refused, without room, or after all tries failed before anything had left.
    public var lost: Int
    /// After all tries failed, perhaps with effect.
    public var doubtful: Int
    /// Events and notifications that wait for their time or their turn.
    public var waiting: Int
    /// Attempts beyond the first of a notification.
    public var retried: Int
    /// Whether the topic's subscription is confirmed.
    public var isConfirmed: Bool
    /// Whether everything was said and has ended.
    public var isIdle: Bool
    /// Whether the ledger of events was full at some time.
    public var isTruncated: Bool
    /// Events that there was no room for.
    public var overflowed: Int

    init(_ stage: EventStage) {
        let totals = stage.ledger.totals
        said = totals.said
        delivered = totals.delivered
        lost = totals.lost
        doubtful = totals.doubtful
        waiting = stage.waiting
        retried = stage.retried
        isConfirmed = stage.isConfirmed
        isIdle = stage.isIdle
        isTruncated = stage.ledger.isTruncated
        overflowed = stage.overflowed
    }

    var json: String {
        """
        {"said":\(said),"delivered":\(delivered),"lost":\(lost),"doubtful":\(doubtful),"waiting":\(waiting),\
        "retried":\(retried),"overflowed":\(overflowed),"confirmed":\(isConfirmed),"idle":\(isIdle),\
        "truncated":\(isTruncated)}
        """
    }
}

extension EventDesk {
    func summary() -> EventSummary {
        withStage { stage, _, _ in EventSummary(stage) }
    }
}
