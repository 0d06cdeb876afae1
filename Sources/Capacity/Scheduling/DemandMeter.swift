/// How many credits a share has a use for, as its worker sees it.
///
/// While rows wait: those in use, and one for each row that waits. Otherwise what its arrivals need: the recipients
/// that were claimed in the last window, because each occupies a credit for about one window. What a backlog used
/// up to its end says nothing about arrivals, so its end starts the measuring anew.
///
/// A demand that rises is told at once. One that falls a little is not told at all, and one that falls further only when
/// it stays there: each word may move credits, which costs writes and the time of a window. How long it must stay there is
/// learned: whoever falls and rises again soon is believed later and later.
struct DemandMeter: Sendable {
    /// A demand that falls is believed after this time at first, so that the gaps of a trickle cost no writes, and after
    /// twice as long each time that it rises again within the memory.
    private static let patience = 500 * Nanoseconds.millisecond
    private static let mostPatience = 2 * Nanoseconds.second
    private static let memory = 20 * Nanoseconds.second
    /// The same at the end of a backlog: others may be waiting for the credits.
    private static let impatience = 100 * Nanoseconds.millisecond
    /// Rows that wait for a shorter time are no backlog, only a gust.
    private static let gust = 500 * Nanoseconds.millisecond
    private static let slices = 8

    /// Recipients in each eighth of a window, the present one first.
    private var claims = [Int](repeating: 0, count: slices + 1)
    private var arrivals = [Int](repeating: 0, count: slices + 1)
    private var slice: Nanoseconds = 0
    /// Rows wait, or waited up to now, for want of credits.
    private var starvedSince: MonotonicTime?
    private var measuredFrom = MonotonicTime(nanoseconds: .min / 2)
    /// Since when the need has been below what was said, and the most of that time.
    private var lower: (since: MonotonicTime, most: Int)?
    private var patience = Self.patience
    private var fellAt = MonotonicTime(nanoseconds: .min / 2)
    private var hasFallen = false
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
        if waiting > 0, free == 0, starvedSince == nil { starvedSince = now }
        if waiting == 0, let since = starvedSince {
            starvedSince = nil
            if now - since >= Self.gust { startAnew(now) }
        }
        var need = stream(now: now, window: window)
        if waiting > 0 { need = isLong && starvedSince != nil ? most : max(need, inUse + waiting) }
        // In steps of a sixteenth, so that a large share does not report every message.
        let step = max(1, need / 16)
        let rounded = min(most, (need + step - 1) / step * step)
        if rounded > said { return risen(to: rounded, most: most, now: now) }
        // What is not much less is no news; nothing at all is.
        guard rounded + max(1, said / 8) < said || rounded == 0 && said > 0 || said > most else {
            lower = nil
            return nil
        }
        return fallen(to: rounded, now: now)
    }

    private mutating func startAnew(_ now: MonotonicTime) {
        for index in claims.indices { claims[index] = 0 }
        measuredFrom = now
        lower = nil
    }

    private mutating func risen(to need: Int, most: Int, now: MonotonicTime) -> Int {
        lower = nil
        if hasFallen, now - fellAt < Self.memory { patience = min(2 * patience, Self.mostPatience) }
        hasFallen = false
        // Where it goes up and down, a little more now saves the next words.
        return patience > Self.patience ? min(most, need + need / 8) : need
    }

    private mutating func fallen(to need: Int, now: MonotonicTime) -> Int? {
        if now - measuredFrom < Self.impatience { return nil }
        // The first look after a backlog is believed at once, if it shows that it was one.
        if now - measuredFrom < 2 * Self.impatience, need < said / 2 { return need }
        let since = lower?.since ?? now
        let high = max(lower?.most ?? 0, need)
        lower = (since, high)
        guard now - since >= patience, high < said else { return nil }
        if now - fellAt > 2 * Self.memory { patience = max(Self.patience, patience / 2) }
        fellAt = now
        hasFallen = true
        return high
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
        // What came in during the backlog, but for the fullest eighth, which may be the batch that made it; unless it has
        // stopped.
        let arrived = arrivals.reduce(0, +) - (arrivals.max() ?? 0)
        let hasStopped = arrived >= 2 * Self.slices && arrivals[0] + arrivals[1] == 0
        return hasStopped ? claimed : max(claimed, arrived)
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
