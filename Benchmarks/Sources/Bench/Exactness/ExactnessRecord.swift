import Measure

/// When what happened in a cell; nanoseconds of CLOCK_BOOTTIME.
struct ExactnessRecord: Sendable {
    struct FaultTimes: Sendable {
        var struck: Int64
        /// From when on recovery is counted.
        var counted: Int64
        /// The quota from instants on, where it was changed.
        var quota: [WindowScan.Limit] = []
        /// The same of the share AT.
        var ceiling: [WindowScan.Limit] = []
        /// When `apply` had lowered the quota, when it was raised again, and what it was in between.
        var lowered: (at: Int64, until: Int64, rate: Int)?
    }

    var start: Int64
    /// When the part with every share backlogged began.
    var saturated: Int64
    /// When the part with reshuffled demand began.
    var reshuffled: Int64
    var end: Int64
    var fault: FaultTimes?

    init(start: Int64) {
        self.start = start
        saturated = start
        reshuffled = start
        end = start
    }
}
