/// What a change to one account did, or would do.
public struct AccountChange: Sendable {
    public let changes: [DirectoryPlan.Change]
    /// The account's version now; 0 while it does not exist.
    public let version: Int64
    /// The account did not exist before.
    public let isNew: Bool
}
