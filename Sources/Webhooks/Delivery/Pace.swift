/// Spreads starts evenly at a rate. Those that came late are made up for, up to 100 ms worth: in any second there are at most
/// 1.1 times the rate, and one.
struct Pace: Sendable {
    static let catchUp = Duration.milliseconds(100)

    /// Starts a second.
    let rate: Int
    private var next: ContinuousClock.Instant

    init(rate: Int, now: ContinuousClock.Instant) {
        self.rate = max(1, rate)
        next = now - Self.catchUp
    }

    private var interval: Duration { .seconds(1) / rate }

    /// How many may start now.
    func allowance(now: ContinuousClock.Instant) -> Int {
        let from = max(next, now - Self.catchUp)
        return from > now ? 0 : min(Int((now - from) / interval), 1 << 20) + 1
    }

    mutating func take(now: ContinuousClock.Instant) {
        next = max(next, now - Self.catchUp) + interval
    }

    /// Whether it restrains nothing more than a new one would.
    func isRested(now: ContinuousClock.Instant) -> Bool {
        next <= now - Self.catchUp
    }
}
