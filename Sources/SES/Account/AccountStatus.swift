/// What SES says of an account in one region (`GetAccount`). Quotas count recipients.
public struct AccountStatus: Hashable, Sendable {
    /// Recipients in any 24 hours; -1 means without limit.
    public let max24HourSend: Double

    /// Recipients a second.
    public let maxSendRate: Double

    /// Recipients in the last 24 hours, everybody who uses the account counted.
    public let sentLast24Hours: Double

    /// Whether the account may send at all now.
    public let sendingEnabled: Bool

    /// `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    public let enforcementStatus: String

    /// `false` in the sandbox, where recipients must be verified.
    public let productionAccess: Bool

    public init(
        max24HourSend: Double,
        maxSendRate: Double,
        sentLast24Hours: Double,
        sendingEnabled: Bool,
        enforcementStatus: String,
        productionAccess: Bool
    ) {
        self.max24HourSend = max24HourSend
        self.maxSendRate = maxSendRate
        self.sentLast24Hours = sentLast24Hours
        self.sendingEnabled = sendingEnabled
        self.enforcementStatus = enforcementStatus
        self.productionAccess = productionAccess
    }
}
