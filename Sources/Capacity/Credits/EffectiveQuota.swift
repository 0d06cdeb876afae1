/// The quota that is really there when somebody else sends through the same SES account.
///
/// A 429 halves it, at most once a second and never below one recipient per second (or below a quota that is smaller);
/// it then recovers by a twentieth of the quota per second.
public struct EffectiveQuota: Sendable {
    public private(set) var quota: Double
    private var cut: Double
    private var changedAt: MonotonicTime?
    private var cutAt: MonotonicTime?

    public init(quota: Double) {
        self.quota = quota
        cut = quota
    }

    public mutating func setQuota(_ quota: Double) {
        if !isReduced { cut = quota }
        self.quota = quota
        cut = min(cut, quota)
    }

    /// Goes on from a cut that was made before, at `value`.
    public mutating func resume(at value: Double, now: MonotonicTime) {
        guard value > 0, value < quota else { return }
        cut = value
        changedAt = now
    }

    public var isReduced: Bool { cut < quota }

    /// What may be used at `now`, in recipients per second.
    public mutating func value(at now: MonotonicTime) -> Double {
        if let since = changedAt, isReduced, now > since {
            cut = min(quota, cut + quota / 20 * Double(now - since) / Double(Nanoseconds.second))
            changedAt = now
        }
        return cut
    }

    /// SES refused a call for its rate.
    public mutating func throttled(at now: MonotonicTime) {
        _ = value(at: now)
        if let last = cutAt, now - last < .second { return }
        cut = max(min(1, quota), cut / 2)
        cutAt = now
        changedAt = now
    }
}
