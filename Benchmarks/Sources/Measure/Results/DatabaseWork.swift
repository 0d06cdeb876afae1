/// What PostgreSQL wrote, as its own statistics count it.
public struct DatabaseWork: Sendable, Codable, Equatable {
    public var walBytes: Int
    public var commits: Int
    /// Row versions that became garbage: rows updated or deleted.
    public var deadRows: Int
    public var updates: Int
    /// Updates that touched no index.
    public var hotUpdates: Int

    public init(walBytes: Int, commits: Int, deadRows: Int, updates: Int, hotUpdates: Int) {
        self.walBytes = walBytes
        self.commits = commits
        self.deadRows = deadRows
        self.updates = updates
        self.hotUpdates = hotUpdates
    }

    /// What came after `earlier`.
    public func since(_ earlier: DatabaseWork) -> DatabaseWork {
        DatabaseWork(
            walBytes: walBytes - earlier.walBytes,
            commits: commits - earlier.commits,
            deadRows: deadRows - earlier.deadRows,
            updates: updates - earlier.updates,
            hotUpdates: hotUpdates - earlier.hotUpdates
        )
    }

    public func summary(per count: Double) -> String {
        let hot = updates > 0 ? Figures.percent(Double(hotUpdates) / Double(updates)) : "-"
        return """
            WAL \(Figures.decimals(Double(walBytes) / count, 0)) B, \
            \(Figures.decimals(Double(commits) / count, 4)) commits, \
            \(Figures.decimals(Double(deadRows) / count, 2)) dead rows each; HOT \(hot)
            """
    }
}
