/// A point in time at which to give up, or never.
struct Deadline: Sendable {
    private let instant: ContinuousClock.Instant?

    static let never = Deadline(instant: nil)

    static func at(_ instant: ContinuousClock.Instant) -> Deadline {
        Deadline(instant: instant)
    }

    static func after(_ timeout: Duration?) -> Deadline {
        Deadline(instant: timeout.map { ContinuousClock.now.advanced(by: $0) })
    }

    private init(instant: ContinuousClock.Instant?) {
        self.instant = instant
    }

    var hasPassed: Bool {
        instant.map { ContinuousClock.now >= $0 } ?? false
    }

    /// The end of the first of so many equal parts of the time that is left.
    func share(of parts: Int) -> Deadline {
        guard let instant else { return .never }
        let left = ContinuousClock.now.duration(to: instant)
        return .at(ContinuousClock.now.advanced(by: left / max(1, parts)))
    }

    /// The earlier of the two.
    func earlier(_ other: Deadline) -> Deadline {
        guard let instant else { return other }
        guard let theirs = other.instant else { return self }
        return Deadline(instant: min(instant, theirs))
    }

    /// The time left as `poll` wants it: milliseconds, rounded up, -1 for ever.
    var pollMilliseconds: Int32 {
        guard let instant else { return -1 }
        let left = ContinuousClock.now.duration(to: instant)
        if left <= .zero { return 0 }
        let (seconds, attoseconds) = left.components
        if seconds >= 1_000_000 { return 1_000_000_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
