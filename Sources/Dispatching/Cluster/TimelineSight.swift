/// The database's timeline, and when this life of the node saw it: a moment at which the server before it took no more commits.
struct TimelineSight: Sendable {
    let number: Int64
    let seenAt: ContinuousClock.Instant
}
