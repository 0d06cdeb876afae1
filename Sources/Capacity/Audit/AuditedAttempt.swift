/// One attempt on a clock that all nodes share: SES counted its recipients, if it did, from `earliest` to `latest`.
public struct AuditedAttempt: Equatable, Sendable {
    public let earliest: Nanoseconds
    public let latest: Nanoseconds
    /// How far both may be off, in either direction; the same way for all attempts of one `life`.
    public let error: Nanoseconds
    public let recipients: Int32
    /// Whose clock it was read on: a number for each life of a node.
    public let life: Int32
    /// Whether SES certainly counted it.
    public let isCertain: Bool

    public init(
        earliest: Nanoseconds,
        latest: Nanoseconds,
        error: Nanoseconds,
        recipients: Int32,
        life: Int32,
        isCertain: Bool
    ) {
        self.earliest = earliest
        self.latest = max(earliest, latest)
        self.error = error
        self.recipients = recipients
        self.life = life
        self.isCertain = isCertain
    }

    /// As long as it is compared with attempts of its own life only.
    var withoutError: AuditedAttempt {
        AuditedAttempt(
            earliest: earliest,
            latest: latest,
            error: 0,
            recipients: recipients,
            life: life,
            isCertain: isCertain
        )
    }

    var first: Nanoseconds { earliest - error }
    var last: Nanoseconds { latest + error }
}
