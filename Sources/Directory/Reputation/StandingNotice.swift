/// What a tenant is told of its standing, in its feed and by webhook.
public enum StandingNotice: String, CaseIterable, Sendable {
    case warned = "tenant.warned"
    case slowed = "tenant.slowed"
    case paused = "tenant.paused"
    /// A pause was ended by somebody.
    case resumed = "tenant.resumed"
    /// Its rates are better again.
    case recovered = "tenant.recovered"

    /// Of a change that nobody made but the rates.
    public init(from old: StandingState, to new: StandingState) {
        switch new {
        case _ where new < old: self = .recovered
        case .ok: self = .recovered
        case .warned: self = .warned
        case .slowed: self = .slowed
        case .paused: self = .paused
        }
    }
}
