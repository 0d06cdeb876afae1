/// A token bucket: `rate` requests a second, of which those of one second may come at once.
struct RequestBucket {
    private(set) var rate: Double
    private var tokens: Double
    private var at: ContinuousClock.Instant

    /// A full one.
    init(rate: Double, now: ContinuousClock.Instant) {
        self.rate = rate
        tokens = max(1, rate)
        at = now
    }

    /// What it holds when it is full: at least one request, or none would ever pass.
    private var capacity: Double { max(1, rate) }

    mutating func change(to rate: Double, now: ContinuousClock.Instant) {
        refill(now)
        self.rate = rate
        tokens = min(tokens, capacity)
    }

    /// Lets a request through, or not.
    mutating func take(now: ContinuousClock.Instant) -> Bool {
        refill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    private mutating func refill(_ now: ContinuousClock.Instant) {
        let elapsed = at.duration(to: now) / .seconds(1)
        guard elapsed > 0 else { return }
        tokens = min(capacity, tokens + elapsed * rate)
        at = now
    }

    /// Requests that would pass at once.
    var remaining: Int { Int(tokens) }

    /// Whole seconds, at least one, until a request passes, and until the bucket is full.
    var secondsToNext: Int { Self.seconds((1 - tokens) / rate) }
    var secondsToFull: Int { Self.seconds((capacity - tokens) / rate) }

    private static func seconds(_ seconds: Double) -> Int {
        max(1, Int(min(seconds, 3600).rounded(.up)))
    }
}
