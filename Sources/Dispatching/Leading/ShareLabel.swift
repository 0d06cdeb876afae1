import Directory

/// What a share is called in metrics: its path, for the first shares of an account; all others go by one name.
enum ShareLabel {
    /// Shares of one account that have a name of their own.
    static let most = 200
    /// No path has parentheses.
    static let others = "(others)"

    static func of(_ share: Int32, in directory: DirectorySnapshot?) -> String {
        guard
            let account = directory?.accounts.values.first(where: { $0.shareIDs.values.contains(share) })
        else {
            return others
        }
        return labels(of: account)[share] ?? others
    }

    /// By the shares' numbers, the oldest first.
    static func labels(of account: Account) -> [Int32: String] {
        let oldest = account.shareIDs.sorted { $0.value < $1.value }.prefix(most)
        return Dictionary(uniqueKeysWithValues: oldest.map { ($0.value, $0.key) })
    }
}
