/// One send in the ledger, in 32 bytes, because a long run has millions of them.
struct LedgerEntry: Sendable {
    /// The count instant, in nanoseconds of CLOCK_BOOTTIME.
    let at: Int64
    private let high: UInt64
    private let low: UInt64
    private let attemptOrMinimum: Int32
    private let recipientCount: UInt16
    let outcome: Outcome
    private let kind: OutboxReference.Kind

    init(at: Int64, reference: OutboxReference, attempt: Int32?, recipients: Int, outcome: Outcome) {
        self.at = at
        high = reference.high
        low = reference.low
        kind = reference.kind
        attemptOrMinimum = attempt ?? .min
        recipientCount = UInt16(clamping: recipients)
        self.outcome = outcome
    }

    var reference: OutboxReference { OutboxReference(kind: kind, high: high, low: low) }

    var attempt: Int32? { attemptOrMinimum == .min ? nil : attemptOrMinimum }

    var recipients: Int { Int(recipientCount) }
}
