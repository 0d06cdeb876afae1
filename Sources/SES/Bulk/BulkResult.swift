/// How one call of several entries ended: each for itself, and the instants that their credits cool from.
public struct BulkResult: Sendable {
    /// In the order of the entries.
    public let outcomes: [SendOutcome]
    /// SES refused the call as a whole, for reasons that need not be every entry's.
    public let refusal: SendFailure?
    /// An instant at or after the last byte of the request went to the socket; `nil` if that is not known.
    public let bodySentAt: ContinuousClock.Instant?
    /// As of `SendResult`.
    public let endedAt: ContinuousClock.Instant
    public let isAnswered: Bool
}
