import Foundation

/// How many requests a second are made, smoothed over about half a second.
struct RequestMeter {
    private static let smoothing = 0.5

    private(set) var rate = 0.0
    private var count = 0
    private var since: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        since = now
    }

    mutating func note() { count += 1 }

    /// Takes what was noted since the last look into the rate.
    mutating func look(now: ContinuousClock.Instant) {
        let elapsed = since.duration(to: now) / .seconds(1)
        guard elapsed > 0 else { return }
        rate += (1 - exp(-elapsed / Self.smoothing)) * (Double(count) / elapsed - rate)
        count = 0
        since = now
    }
}
