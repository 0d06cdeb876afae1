/// What `GET /_simulator/summary` answers, computed from the ledger.
public struct SimulatorSummary: Sendable, Equatable {
    /// How many calls, and how many recipients in them, had one outcome.
    public struct Total: Sendable, Equatable {
        public var calls: Int
        public var recipients: Int
    }

    /// Recipients accepted, whatever the answer to the call became.
    public var accepted: Int
    /// Calls (entries of a bulk call) refused because they were over the rate; `throttle` faults not among them.
    public var throttled: Int
    /// The most accepted recipients in any half-open second.
    public var maxInOneSecond: Int
    /// The most accepted recipients in any half-open window of `max(1, 1/rate)` s, at the rate in force now.
    public var maxInWindow: Int
    /// Accepted sends beyond the first per outbox id, whatever their attempt.
    public var duplicates: Int
    /// How many different outbox ids were accepted.
    public var uniqueIDs: Int
    /// Entries in the ledger.
    public var entries: Int
    /// Whether the ledger was full at some time: then the figures from timestamps and ids are too low.
    public var isTruncated: Bool
    /// Recipients that count against the 24 h quota now.
    public var sentLast24Hours: Int
    /// By outcome; only those that happened.
    public var outcomes: [String: Total]
    /// What was said about them; nil where events are off.
    public var events: EventSummary?

    init(
        _ ledger: Ledger.Snapshot,
        audit: consuming LedgerAudit,
        sentLast24Hours: Int,
        events: EventSummary? = nil
    ) {
        self.events = events
        accepted = 0
        outcomes = [:]
        for outcome in Outcome.allCases {
            let total = ledger.totals[Int(outcome.rawValue)]
            if outcome.isAccepted { accepted += total.recipients }
            guard total.calls > 0 else { continue }
            outcomes[outcome.name] = Total(calls: total.calls, recipients: total.recipients)
        }
        throttled = ledger.totals[Int(Outcome.throttled.rawValue)].calls
        entries = ledger.count
        isTruncated = ledger.isTruncated
        self.sentLast24Hours = sentLast24Hours
        maxInOneSecond = audit.maxInOneSecond
        maxInWindow = audit.maxInWindow
        (uniqueIDs, duplicates) = audit.identities()
    }
}
