/// How many recipients to claim from one queue. Their credits are reserved until `AccountScheduler.claimed` is told.
public struct ClaimRequest: Equatable, Sendable {
    /// The share's number in the directory.
    public let share: Int32
    public let queue: LaneQueue
    public let credits: Int
    /// The row at the head needs more credits than the share's `capacity`: claim the head alone, to refuse it if it
    /// still is that row.
    public let takesOversized: Bool
    /// The credits that the share holds when nothing is cut.
    public let capacity: Int
    let sign: UInt64
    /// The lane, if it has a ceiling: what is claimed heeds it. What was asked for before that was known does not.
    let boundLane: Int32?
    /// The lane's virtual time at each credit's turn.
    var tags: [UInt64] = []
    /// When each of the last credits is cold, in order; those before them are free.
    var coldAt: [MonotonicTime] = []

    /// When the credits up to the `count`th are cold.
    func coldAt(_ count: Int) -> MonotonicTime {
        let place = count - 1 - (credits - coldAt.count)
        return coldAt.indices.contains(place) ? coldAt[place] : .zero
    }
}

/// What a claim brought for one `ClaimRequest`.
public struct ClaimAnswer: Sendable {
    /// Recipients of each row claimed, in order.
    public var recipients: [Int]
    /// The recipients of the row at the head of the queue that did not fit into the request's credits, if one was seen.
    public var blockedBy: Int?

    public init(recipients: [Int], blockedBy: Int? = nil) {
        self.recipients = recipients
        self.blockedBy = blockedBy
    }
}
