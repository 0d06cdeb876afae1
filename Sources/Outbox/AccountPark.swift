/// Why an account sends nothing for the moment although it is not paused. Messages wait unharmed.
public enum AccountPark: String, CaseIterable, Sendable {
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

    /// For tenants: what SES or AWS said names the operator's credentials, and is for the operator.
    var words: String {
        switch self {
        case .unreachable: "Amazon SES cannot be reached just now; it is tried again by itself"
        case .credentials:
            "Amazon SES does not accept the gateway's credentials just now; the operator has to look after it"
        case .pausedBySES: "Amazon SES has paused the account; the operator has to look after it"
        case .dailyQuota: "the account's 24-hour quota is used up; mail goes on as it comes back"
        case .configuration: "the account's set-up at Amazon SES is not in order; the operator has to look after it"
        }
    }

    var blocker: MessageView.Waiting.Blocker {
        switch self {
        case .unreachable: .retry
        case .dailyQuota: .dailyQuota
        case .credentials, .pausedBySES, .configuration: .paused
        }
    }
}
