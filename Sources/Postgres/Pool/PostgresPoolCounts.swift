/// What a pool has done since it was made; none of it ever falls.
public struct PostgresPoolCounts: Sendable, Hashable {
    /// Connections that were lent to a caller.
    public var lent = 0
    /// Callers that had to wait for one, and how long they did together.
    public var waits = 0
    public var waited = Duration.zero
    public var opened = 0
    /// Attempts to open one that failed.
    public var openFailures = 0
    /// Calls that ended in an error, by its kind.
    public var errors: [PostgresError.Code: Int] = [:]
}
