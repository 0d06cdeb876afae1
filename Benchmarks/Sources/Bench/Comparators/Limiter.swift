/// Decides how many recipients may go out now. Time is in nanoseconds.
protocol Limiter: Sendable {
    /// - Returns: how many of those wanted may go; they count as gone.
    mutating func take(_ wanted: Int, at now: Int64) -> Int
}

/// R for each calendar second, to be used at any time in it.
struct AlignedGrants: Limiter {
    let rate: Int
    private var second = Int64.min
    private var left = 0

    init(rate: Int) {
        self.rate = rate
    }

    mutating func take(_ wanted: Int, at now: Int64) -> Int {
        let present = now / 1_000_000_000
        if present != second {
            second = present
            left = rate
        }
        let taken = min(wanted, left)
        left -= taken
        return taken
    }
}

/// Fills with `rate` a second, up to `burst`.
struct TokenBucket: Limiter {
    let rate: Double
    let burst: Double
    private var tokens: Double
    private var filled: Int64?

    init(rate: Double, burst: Double) {
        self.rate = rate
        self.burst = burst
        tokens = burst
    }

    mutating func take(_ wanted: Int, at now: Int64) -> Int {
        tokens = min(burst, tokens + Double(now - (filled ?? now)) / 1e9 * rate)
        filled = now
        let taken = min(wanted, Int(tokens))
        tokens -= Double(taken)
        return taken
    }
}
