/// A call's outcome with the instants that its credits cool from (design.md section 2).
public struct SendResult: Sendable {
    public let outcome: SendOutcome

    /// An instant at or after the last byte of the request went to the socket; `nil` if that is not known.
    public let bodySentAt: ContinuousClock.Instant?

    /// The end of SES's answer, or, without one, an instant by which the connection was reset for certain.
    public let endedAt: ContinuousClock.Instant

    /// Whether SES answered, in whatever words.
    public let isAnswered: Bool

    public init(
        outcome: SendOutcome,
        bodySentAt: ContinuousClock.Instant? = nil,
        endedAt: ContinuousClock.Instant,
        isAnswered: Bool
    ) {
        self.outcome = outcome
        self.bodySentAt = bodySentAt
        self.endedAt = endedAt
        self.isAnswered = isAnswered
    }
}
