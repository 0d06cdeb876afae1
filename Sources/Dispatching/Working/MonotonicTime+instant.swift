import Capacity

extension MonotonicTime {
    /// The time of `instant` on the node's clock, which began at `origin`: what schedulers go by and `send_log` keeps.
    init(_ instant: ContinuousClock.Instant, since origin: ContinuousClock.Instant) {
        self.init(nanoseconds: (instant - origin).nanoseconds)
    }
}

extension Duration {
    var nanoseconds: Nanoseconds { components.seconds * .second + components.attoseconds / 1_000_000_000 }
}
