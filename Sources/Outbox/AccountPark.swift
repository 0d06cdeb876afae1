/// Why an account sends nothing for the moment although it is not paused. Messages wait unharmed.
public enum AccountPark: String, Sendable {
    /// SES cannot be reached.
    case unreachable
    /// AWS refuses the credentials, or there are none.
    case credentials
    /// SES has paused or suspended the account.
    case pausedBySES = "paused_by_ses"
    /// The 24-hour quota is used up.
    case dailyQuota = "daily_quota"
    /// The configuration set is missing, or the MAIL FROM domain is not verified.
    case configuration

    var blocker: MessageView.Waiting.Blocker {
        switch self {
        case .unreachable: .retry
        case .dailyQuota: .dailyQuota
        case .credentials, .pausedBySES, .configuration: .paused
        }
    }
}
