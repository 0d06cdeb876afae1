import Capacity

extension MonotonicTime {
    init(_ instant: ContinuousClock.Instant, since origin: ContinuousClock.Instant) {
        let span = (instant - origin).components
        self.init(nanoseconds: span.seconds * .second + span.attoseconds / 1_000_000_000)
    }
}
