/// A point on a clock that only moves forward, in nanoseconds from an arbitrary origin.
///
/// Whoever drives the scheduler supplies it: `CLOCK_BOOTTIME` in production, a counter in simulations.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = MonotonicTime(nanoseconds: 0)

    public static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }

    public static func + (time: MonotonicTime, span: Nanoseconds) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + span)
    }

    public static func - (time: MonotonicTime, span: Nanoseconds) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds - span)
    }

    public static func - (a: MonotonicTime, b: MonotonicTime) -> Nanoseconds { a.nanoseconds - b.nanoseconds }
}

/// A span of time in nanoseconds.
public typealias Nanoseconds = Int64

extension Nanoseconds {
    public static let millisecond: Nanoseconds = 1_000_000
    public static let second: Nanoseconds = 1_000_000_000
}
