/// How events without our tags wait for the settling of their sends, which give their SES message ids to our rows.
public struct UnjoinedLimits: Sendable {
    /// Mail that SES took longer ago is settled, or not ours.
    public var wait = Duration.seconds(600)
    /// For each account; more are sent away to come again.
    public var rows = 50_000

    public init() {}
}
