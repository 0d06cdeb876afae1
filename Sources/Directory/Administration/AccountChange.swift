/// What a change to one account or tenant did, or would do.
public struct AccountChange: Sendable {
    public let changes: [DirectoryPlan.Change]
    /// The version of the account or tenant now; 0 while it does not exist.
    public let version: Int64
    /// It did not exist before.
    public let isNew: Bool
}
