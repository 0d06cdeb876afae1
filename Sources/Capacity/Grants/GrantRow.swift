/// The credits of one share on one worker, as the cluster keeps them (design.md section 4).
///
/// `held` bounds what the worker has, whatever it has heard and whatever of its word is still under way: a raise lifts it at
/// once, and it falls only by the worker's own report. So the sum of `held` over all rows bounds every credit there is.
/// The SQL of `GrantStore` does what these methods do; a test holds the two together.
public struct GrantRow: Hashable, Sendable {
    public let share: Int32
    public let worker: Worker
    /// Credits that the worker may keep.
    public private(set) var granted: Int
    /// Credits that the worker may still have.
    public private(set) var held: Int
    /// Of the last change by a leader; grows over all rows of the account.
    public private(set) var version: Int64
    /// Credits that the worker has a use for, as it said last.
    public private(set) var wanted: Int

    public init(share: Int32, worker: Worker, granted: Int, held: Int, version: Int64, wanted: Int) {
        self.share = share
        self.worker = worker
        self.granted = granted
        self.held = held
        self.version = version
        self.wanted = wanted
    }

    /// A leader's change, made under the account's lock.
    public mutating func grant(_ credits: Int, version: Int64) {
        granted = credits
        held = max(held, credits)
        self.version = version
    }

    /// The worker's report. What it says of `held` counts only at the version that it saw: an older one may not know of
    /// a raise.
    public mutating func apply(_ report: GrantReport) {
        if report.version == version { held = min(held, max(report.held, granted)) }
        wanted = report.wanted
    }
}

/// What a worker says about its credits for one share.
public struct GrantReport: Hashable, Sendable {
    public let share: Int32
    public let held: Int
    /// The version of the grant that `held` obeys.
    public let version: Int64
    public let wanted: Int

    public init(share: Int32, held: Int, version: Int64, wanted: Int) {
        self.share = share
        self.held = held
        self.version = version
        self.wanted = wanted
    }
}
