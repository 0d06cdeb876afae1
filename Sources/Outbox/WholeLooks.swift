/// When what is read from marks is read from its start: the net under the marks, so that it is bounded whatever happens.
package struct WholeLooks: Sendable {
    package static let interval = Duration.seconds(30)
    /// However long a look takes, the next one is no further away.
    package static let longest = Duration.seconds(120)
    /// After one that failed.
    package static let retry = Duration.seconds(5)
    /// Looks take at most one part in so many of one of the server's cores, as far as `longest` lets them.
    private static let share = 50
    /// One that takes no longer has met nothing that marks would spare.
    private static let quick = Duration.milliseconds(20)

    /// When the next one is due.
    package private(set) var dueAt: ContinuousClock.Instant

    package init(now: ContinuousClock.Instant) {
        dueAt = now
    }

    /// Counts a look that succeeded; returns whether it was so quick that marks are not needed.
    package mutating func succeeded(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) -> Bool {
        let took = end - start
        dueAt = start + min(Self.longest, max(Self.interval, took * Self.share))
        return took < Self.quick
    }

    /// A look that failed was none.
    package mutating func failed(at end: ContinuousClock.Instant) {
        dueAt = end + Self.retry
    }
}
