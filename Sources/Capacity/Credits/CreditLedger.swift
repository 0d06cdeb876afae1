/// What one node knows of the credits it holds for one share.
///
/// A credit is in exactly one state: free, reserved (for a claimed row that has not started), in flight, or cooling.
/// They are moved, never copied: `held` changes only when a grant raises it or a cooled credit is given back.
/// The preconditions are deliberate: code that would mint a credit must stop rather than overrun the quota.
public struct CreditLedger: Sendable {
    /// How many credits this node may keep. Lower than `held` while some of them still cool.
    public private(set) var granted = 0
    public private(set) var free = 0
    public private(set) var reserved = 0
    public private(set) var inFlight = 0
    private var coolingQueue = CoolingQueue()

    public init() {}

    public var cooling: Int { coolingQueue.count }
    public var held: Int { free + reserved + inFlight + cooling }
    /// When the next cooling credit becomes usable.
    public var nextCooled: MonotonicTime? { coolingQueue.next }

    /// Sets the number of credits this node may keep.
    ///
    /// Added credits are cold, so they are free at once. A lower number takes free credits at once and the others as they
    /// cool, before any of them is spent again.
    public mutating func setGranted(_ credits: Int) {
        precondition(credits >= 0)
        granted = credits
        free += max(0, credits - held)
        giveBack()
    }

    /// Frees the credits that have cooled by `now`, giving back those above the grant.
    public mutating func advance(to now: MonotonicTime) {
        free += coolingQueue.removeCooled(at: now)
        giveBack()
    }

    /// How many credits can be reserved for calls that start up to `horizon`: the free ones, and those that will have
    /// cooled by then unless some of them have to be given back first.
    public func available(by horizon: MonotonicTime) -> Int {
        held > granted ? free : free + coolingQueue.count(until: horizon)
    }

    /// Sets credits aside for rows that are being claimed: free ones first, then those that cool first.
    ///
    /// - Returns: when each of the last ones is cold, in order; the others are free now.
    @discardableResult
    public mutating func reserve(_ credits: Int) -> [MonotonicTime] {
        precondition(credits >= 0 && credits <= free + cooling, "a credit was reserved twice")
        let now = min(credits, free)
        free -= now
        reserved += credits
        return coolingQueue.removeFirst(credits - now)
    }

    /// Returns reserved credits for which there was no row, or whose row went back unsent. They were not used, and are
    /// free again at `until`, when they are cold.
    public mutating func release(_ credits: Int, until: MonotonicTime) {
        precondition(credits >= 0 && credits <= reserved, "a credit was released twice")
        reserved -= credits
        coolingQueue.insert(credits, until: until)
    }

    /// Puts reserved credits on the wire.
    public mutating func start(_ credits: Int) {
        precondition(credits >= 0 && credits <= reserved, "a credit was started without being reserved")
        reserved -= credits
        inFlight += credits
    }

    /// Ends the use of credits that were in flight; they may be used again from `until` on.
    public mutating func cool(_ credits: Int, until: MonotonicTime) {
        precondition(credits >= 0 && credits <= inFlight, "a credit was cooled twice")
        inFlight -= credits
        coolingQueue.insert(credits, until: until)
    }

    private mutating func giveBack() {
        free -= min(free, max(0, held - granted))
    }
}
