import Capacity

/// How a simulated world behaves where nothing fails, and what may be wrong with it.
struct WorldOptions {
    /// One way between a node and the database.
    var databaseDelay: ClosedRange<Nanoseconds> = 100_000...1_500_000
    /// From a call's start to SES's answer.
    var latency: ClosedRange<Nanoseconds> = 30 * .millisecond...80 * .millisecond
    /// Of a thousand statements: those that take up to 400 ms longer each way.
    var slowStatements = 0
    /// Of a thousand statements: those of which the request or the answer is lost.
    var lostStatements = 0
    /// Of a thousand hints.
    var lostHints = 0
    /// Of a thousand calls: those without an answer.
    var lostAnswers = 0
    /// Of a thousand calls: those that SES refuses because somebody else uses the account.
    var refusedCalls = 0
    /// Counts per share beside the account's; memory.
    var checksShares = true
    /// A grant row holds, in each state that is committed, what its worker has.
    var checksRows = true
    var bugs = Bugs()

    /// Planted mistakes: each must be found.
    struct Bugs {
        /// A credit is usable this much before it has cooled.
        var coolsShort: Nanoseconds = 0
        /// Workers take what a late answer says, whatever its version.
        var takesStaleReads = false
        /// The database takes reports whatever their version.
        var takesStaleReports = false
        /// Others bury a node this much too early.
        var buriesEarly: Nanoseconds = 0
        /// Workers report credits as given back before they have cooled.
        var reportsBeforeCooling = false
        /// Leaders check without the account's lock.
        var leadersDoNotLock = false
        /// Nodes go on although they cannot renew their lease.
        var ignoresDeadline = false
        /// Nodes and leaders take a server with another timeline for the one that they know.
        var ignoresTimelines = false
        /// The first leader on a timeline grants at once.
        var doesNotWaitAfterFailover = false

        var isEmpty: Bool {
            coolsShort == 0 && !takesStaleReads && !takesStaleReports && buriesEarly == 0 && !reportsBeforeCooling
                && !leadersDoNotLock && !ignoresDeadline && !ignoresTimelines && !doesNotWaitAfterFailover
        }
    }
}
