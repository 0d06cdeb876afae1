/// Spreads the use of a share's credits over the window, with catch-up.
///
/// Without it thirty free credits would leave in one burst and return in one burst for ever. A slot that came late (a
/// slow claim, a coarse timer) is made up for, but never more than `catchUp` worth of slots.
public struct Pacer: Sendable {
    private let catchUp: Nanoseconds
    private var interval: Nanoseconds
    /// The slot that was taken last. The next follows at the pace of then, which may have changed meanwhile.
    private var last: MonotonicTime = MonotonicTime(nanoseconds: .min / 2)

    public init(catchUp: Nanoseconds = 100 * .millisecond) {
        self.catchUp = catchUp
        interval = .second
    }

    /// Sets the pace to `credits` per `window`.
    public mutating func setPace(credits: Int, window: Nanoseconds) {
        interval = max(1, window / Nanoseconds(max(1, credits)))
    }

    /// How many slots start before or at `horizon`, as seen at `now`.
    public func slots(now: MonotonicTime, until horizon: MonotonicTime) -> Int {
        let first = earliest(at: now)
        return horizon < first ? 0 : Int((horizon - first) / interval) + 1
    }

    /// When the next slot starts, as seen at `now`; may lie in the past by up to the catch-up.
    public func earliest(at now: MonotonicTime) -> MonotonicTime { max(last + interval, now - catchUp) }

    /// Takes `count` slots for one call and returns when that call may start: at the last of them, not before `now`.
    public mutating func take(_ count: Int, now: MonotonicTime) -> MonotonicTime {
        last = earliest(at: now) + interval * Nanoseconds(count - 1)
        return max(now, last)
    }

    /// Forgets lateness: a share that had nothing to send is not late.
    public mutating func resume(at now: MonotonicTime) {
        last = max(last, now - interval)
    }

    /// The next slot is now: a credit has come that was idle elsewhere.
    public mutating func hurry(at now: MonotonicTime) {
        last = min(last, now - interval)
    }
}
