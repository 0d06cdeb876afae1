/// The database's timeline, and when this node saw it first: a moment at which the server before it took no more commits.
struct TimelineSight: Sendable {
    let number: Int64
    let seenAt: ContinuousClock.Instant
}
