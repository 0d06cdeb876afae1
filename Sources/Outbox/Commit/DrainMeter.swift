/// How fast a queue empties while there is something in it: what a caller who found it full is told to wait.
struct DrainMeter {
    /// Over less than this, a rate says nothing.
    private static let shortest = Duration.seconds(1)
    /// So long a piece of the past counts.
    private static let longest = Duration.seconds(10)
    private static let seconds = 1...60

    private var since: ContinuousClock.Instant?
    private var units = 0
    /// Units a second, of the last piece that was long enough.
    private var known: Double?

    /// The queue was empty and is no more.
    mutating func begin(now: ContinuousClock.Instant) {
        since = now
        units = 0
    }

    mutating func drained(_ units: Int, now: ContinuousClock.Instant) {
        self.units += units
        guard let since, since.duration(to: now) >= Self.longest else { return }
        known = rate(now: now)
        begin(now: now)
    }

    /// The queue is empty.
    mutating func end(now: ContinuousClock.Instant) {
        known = rate(now: now) ?? known
        since = nil
    }

    /// Whole seconds, 1 to 60, in which so many units will have left.
    func seconds(for waiting: Int, now: ContinuousClock.Instant) -> Int {
        guard let rate = rate(now: now) ?? known else { return Self.seconds.lowerBound }
        guard rate > 0 else { return Self.seconds.upperBound }
        let seconds = (Double(waiting) / rate).rounded(.up)
        return min(max(Int(min(seconds, 1e6)), Self.seconds.lowerBound), Self.seconds.upperBound)
    }

    private func rate(now: ContinuousClock.Instant) -> Double? {
        guard let since else { return nil }
        let elapsed = since.duration(to: now)
        // A piece in which nothing has ended yet may have one long flush in it: the piece before knows more, for a while.
        if units == 0, known != nil, elapsed < Self.longest { return nil }
        return elapsed >= Self.shortest ? Double(units) / (elapsed / .seconds(1)) : nil
    }
}
