/// What a plan removes. Nothing of it may have mail that still waits or is being sent.
struct DirectoryRemoval: Equatable, Sendable {
    struct RemovedShare: Equatable, Sendable {
        let account: String
        /// Below the account.
        let path: String

        var name: String { "\(account)/\(path)" }
    }

    /// Parents before their children. Not those of removed accounts.
    var shares: [RemovedShare] = []
    var tenants: [String] = []
    var accounts: [String] = []

    var isEmpty: Bool { shares.isEmpty && tenants.isEmpty && accounts.isEmpty }
}
