public import Directory

/// A standing that has changed.
public struct StandingChange: Equatable, Sendable {
    public let account: String
    /// Nil: the account's own.
    public let tenant: String?
    public let old: StandingState
    public let new: StandingState
    public let reason: String?
}
