public import Directory

public import struct Foundation.Date

/// How a tenant, or everybody, stands at an account, and by which counts.
public struct Standing: Sendable {
    public let account: String
    /// Nil: everybody's mail through the account.
    public let tenant: String?
    public let state: StandingState
    /// In words; nil while all is well.
    public let reason: String?
    /// When the state began; nil while nothing was ever counted.
    public let since: Date?
    public let counts: [CountWindow: MailCounts]
    /// From when on something follows.
    public let thresholds: ReputationThresholds

    public init(
        account: String,
        tenant: String?,
        state: StandingState = .ok,
        reason: String? = nil,
        since: Date? = nil,
        counts: [CountWindow: MailCounts] = [:],
        thresholds: ReputationThresholds = ReputationThresholds()
    ) {
        self.account = account
        self.tenant = tenant
        self.state = state
        self.reason = reason
        self.since = since
        self.counts = counts
        self.thresholds = thresholds
    }
}
