/// The times on which the safety of leases rests (design.md section 4).
public struct LeaseTiming: Sendable {
    /// How often a node raises its counter.
    public var renewal = Duration.milliseconds(500)
    /// How long a counter that stands still is trusted.
    public var ttl = Duration.seconds(3)
    /// SES counts a request at most this long after its connection was reset; also the allowance between two clocks.
    public var margin = Duration.milliseconds(500)

    public init() {}

    /// How long after asking for a renewal the holder may still start sends.
    public var trust: Duration { ttl - margin }

    /// How long a counter must stand still before others take it for dead: by then every credit of its holder is cold.
    public func death(window: Duration) -> Duration { ttl + window + margin }
}
