public import FoundationEssentials

/// The clocks that signing and refreshing read: the wall clock for what AWS dates, the monotonic one for what we wait.
public struct TimeSource: Sendable {
    public var wall: @Sendable () -> Date
    public var monotonic: @Sendable () -> ContinuousClock.Instant

    public init(
        wall: @escaping @Sendable () -> Date = { Date() },
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// The machine's clocks.
    public static let system = TimeSource()
}
