/// How many credits a share has a use for, as its worker sees it.
///
/// While rows wait: those in use, and one for each row that waits. Otherwise what its arrivals need: the recipients
/// that were claimed in the last window, because each occupies a credit for about one window. What a backlog used
/// up to its end says nothing about arrivals, so its end starts the measuring anew.
struct DemandMeter: Sendable {
    /// A demand that falls is believed after this time, so that the gaps of a trickle cost no writes.
    private static let patience = 500 * Nanoseconds.millisecond
    /// The same at the end of a backlog: others may be waiting for the credits.
    private static let impatience = 100 * Nanoseconds.millisecond
    private static let slices: Nanoseconds = 8

    private var counts = Array(repeating: 0, count: Int(slices) + 1)
    private var slice: Nanoseconds = 0
    private var isStarved = false
    private var measuredFrom = MonotonicTime(nanoseconds: .min / 2)
    /// Since when the need has been below what was said, and the most of that time.
    private var lower: (since: MonotonicTime, most: Int)?
    /// What was said last.
    private(set) var said = 0

    mutating func claimed(_ recipients: Int, now: MonotonicTime, window: Nanoseconds) {
        advance(to: now, window: window)
        counts[0] += recipients
    }

    /// What to say now, if it is time to say something else than before.
    ///
    /// - Parameters:
    ///   - waiting: recipients that wait.
    ///   - inUse: credits that are reserved, on the wire or cooling.
    ///   - most: more is of no use.
    mutating func news(
        waiting: Int,
        inUse: Int,
        free: Int,
        most: Int,
        now: MonotonicTime,
        window: Nanoseconds
    ) -> Int? {
        advance(to: now, window: window)
        if waiting > 0, free == 0 { isStarved = true }
        if waiting == 0, isStarved {
            isStarved = false
            counts = counts.map { _ in 0 }
            measuredFrom = now
            lower = nil
        }
        let need = min(most, waiting > 0 ? inUse + waiting : arrivals(now: now, window: window))
        // In steps of a sixteenth, so that a large share does not report every message.
        let step = max(1, need / 16)
        let rounded = min(most, (need + step - 1) / step * step)
        guard rounded < said else {
            lower = nil
            return rounded == said ? nil : rounded
        }
        if now - measuredFrom < Self.impatience { return nil }
        // The first look after a backlog is believed at once.
        let patience = now - measuredFrom < 2 * Self.impatience ? 0 : Self.patience
        let since = lower?.since ?? now
        let high = max(lower?.most ?? 0, rounded)
        lower = (since, high)
        return now - since >= patience && high < said ? high : nil
    }

    mutating func say(_ wanted: Int) {
        said = wanted
        lower = nil
    }

    private func arrivals(now: MonotonicTime, window: Nanoseconds) -> Int {
        let sum = counts.reduce(0, +)
        let measured = max(now - measuredFrom, Self.impatience)
        guard sum > 0, measured < window else { return sum }
        return Int((Double(sum) * Double(window) / Double(measured)).rounded(.up))
    }

    private mutating func advance(to now: MonotonicTime, window: Nanoseconds) {
        let current = now.nanoseconds / (window / Self.slices)
        let passed = Int(min(max(0, current - slice), Nanoseconds(counts.count)))
        slice = current
        guard passed > 0 else { return }
        counts = Array(repeating: 0, count: passed) + counts.dropLast(passed)
    }
}
