/// Spreads the use of a share's credits over the time that each is away, with catch-up.
///
/// Without it thirty free credits would leave in one burst and return in one burst for ever. A slot that came late (a
/// slow claim, a coarse timer) is made up for, but never more than `catchUp` worth of slots.
///
/// A credit is away while its call lasts and then for the window. Paced over the window alone, all credits would be spent
/// once the call's duration is left, and nothing could begin for that long, again in every window.
public struct Pacer: Sendable {
    /// A call that got no answer says little about the others.
    private static let longestCall: Nanoseconds = .second
    /// What is made up for where a credit was late, at least; a fifth of a call otherwise, since long ones differ more.
    private static let jitter = 12 * Nanoseconds.millisecond

    private let catchUp: Nanoseconds
    private var credits = 1
    private var window: Nanoseconds = .second
    /// How long calls last: an average that forgets.
    private var call: Nanoseconds = 0
    /// The slot that was taken last. The next follows at the pace of then, which may have changed meanwhile.
    private var last: MonotonicTime = MonotonicTime(nanoseconds: .min / 2)

    public init(catchUp: Nanoseconds = 100 * .millisecond) {
        self.catchUp = catchUp
    }

    /// A little less than the calls take, since what is paced too slowly is never made up for.
    private var interval: Nanoseconds { max(1, (window + call * 9 / 10) / Nanoseconds(max(1, credits))) }

    /// Sets the pace to `credits` per `window` and call.
    public mutating func setPace(credits: Int, window: Nanoseconds) {
        self.credits = credits
        self.window = window
    }

    /// A call has lasted so long.
    public mutating func used(for duration: Nanoseconds) {
        call += (min(max(0, duration), Self.longestCall) - call) / 32
    }

    /// How many slots start before or at `horizon`, as seen at `now`.
    public func slots(now: MonotonicTime, until horizon: MonotonicTime) -> Int {
        let first = earliest(at: now)
        return horizon < first ? 0 : Int((horizon - first) / interval) + 1
    }

    /// When the next slot starts, as seen at `now`; may lie in the past by up to the catch-up.
    public func earliest(at now: MonotonicTime) -> MonotonicTime { max(last + interval, now - catchUp) }

    /// Takes `count` slots for one call whose credits are cold at `coldAt`, and returns when that call may start: at the last
    /// of them, not before `now`.
    ///
    /// What was late for want of a credit is hardly made up for: credits that come back in a cluster are spread again,
    /// instead of staying one in every window after.
    public mutating func take(_ count: Int, coldAt: MonotonicTime, now: MonotonicTime) -> MonotonicTime {
        let slot = earliest(at: now) + interval * Nanoseconds(count - 1)
        last = max(slot, coldAt - max(interval, Self.jitter, call / 5))
        return max(now, max(slot, coldAt))
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
