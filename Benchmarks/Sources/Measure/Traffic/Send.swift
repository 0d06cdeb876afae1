/// A line of the simulator's ledger: one call as SES counted or refused it.
public struct Send: Sendable, Equatable {
    public enum Outcome: Sendable {
        /// SES took the mail, whatever it answered.
        case accepted
        /// Refused: the second was full.
        case throttled
        /// Refused, or broken off, for another reason.
        case other
    }

    /// Nanoseconds of CLOCK_BOOTTIME, at which SES counted.
    public var at: Int64
    /// Nil where the call was not one of Sluice's.
    public var row: RowID?
    public var recipients: Int
    public var outcome: Outcome

    public init(at: Int64, row: RowID? = nil, recipients: Int = 1, outcome: Outcome = .accepted) {
        self.at = at
        self.row = row
        self.recipients = recipients
        self.outcome = outcome
    }

    /// Whether it took up room in a second, or would have.
    public var isOffered: Bool { outcome != .other }
}
