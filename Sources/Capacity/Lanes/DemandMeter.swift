/// How many credits a share has a use for, as its worker sees it.
///
/// While rows wait: those in use, and one for each row that waits. Otherwise what its arrivals need: the recipients
/// that were claimed in the last window, because each occupies a credit for about one window. What a backlog used
/// up to its end says nothing about arrivals, so its end starts the measuring anew.
///
/// A demand that rises is told at once. One that falls a little is not told at all, and one that falls further only when
/// it stays there: each word may move credits, which costs writes and the time of a window.
struct DemandMeter: Sendable {
    /// A demand that falls is believed after this time, so that the gaps of a trickle cost no writes.
    private static let patience = Nanoseconds.second
    /// The same at the end of a backlog: others may be waiting for the credits.
    private static let impatience = 100 * Nanoseconds.millisecond
    private static let slices = 8

    /// Recipients in each eighth of a window, the present one first.
    private var claims = [Int](repeating: 0, count: slices + 1)
    private var arrivals = [Int](repeating: 0, count: slices + 1)
    private var slice: Nanoseconds = 0
    /// Rows wait, or waited up to now, for want of credits.
    private var isStarved = false
    private var measuredFrom = MonotonicTime(nanoseconds: .min / 2)
    /// Since when the need has been below what was said, and the most of that time.
    private var lower: (since: MonotonicTime, most: Int)?
    /// What was said last.
    private(set) var said = 0

    mutating func claimed(_ recipients: Int, now: MonotonicTime, window: Nanoseconds) {
        advance(to: now, window: window)
        claims[0] += recipients
    }

    /// Rows were accepted, as far as this worker was told.
    mutating func arrived(_ recipients: Int, now: MonotonicTime, window: Nanoseconds) {
        advance(to: now, window: window)
        arrivals[0] += recipients
    }

    /// What to say now, if it is time to say something else than before.
    ///
    /// - Parameters:
    ///   - waiting: recipients that wait.
    ///   - isLong: there may be any number more.
    ///   - inUse: credits that are reserved, on the wire or cooling.
    ///   - most: more is of no use.
    mutating func news(
        waiting: Int,
        isLong: Bool,
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
            for index in claims.indices { claims[index] = 0 }
            measuredFrom = now
            lower = nil
        }
        var need = stream(now: now, window: window)
        if waiting > 0 { need = isLong && isStarved ? most : max(need, inUse + waiting) }
        // In steps of a sixteenth, so that a large share does not report every message.
        let step = max(1, need / 16)
        let rounded = min(most, (need + step - 1) / step * step)
        if rounded > said {
            lower = nil
            return rounded
        }
        // What is not much less is no news; nothing at all is.
        guard rounded + max(1, said / 8) < said || rounded == 0 && said > 0 || said > most else {
            lower = nil
            return nil
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

    /// The credits that what comes in now needs.
    private func stream(now: MonotonicTime, window: Nanoseconds) -> Int {
        let sum = claims.reduce(0, +)
        let measured = max(now - measuredFrom, Self.impatience)
        guard measured < window else { return sum }
        let claimed = Int((Double(sum) * Double(window) / Double(measured)).rounded(.up))
        // What came in during the backlog, but for the fullest eighth, which may be the batch that made it.
        return max(claimed, arrivals.reduce(0, +) - (arrivals.max() ?? 0))
    }

    private mutating func advance(to now: MonotonicTime, window: Nanoseconds) {
        let current = now.nanoseconds / (window / Nanoseconds(Self.slices))
        let passed = Int(min(max(0, current - slice), Nanoseconds(claims.count)))
        slice = current
        guard passed > 0 else { return }
        for index in claims.indices.reversed() {
            claims[index] = index >= passed ? claims[index - passed] : 0
            arrivals[index] = index >= passed ? arrivals[index - passed] : 0
        }
    }
}
