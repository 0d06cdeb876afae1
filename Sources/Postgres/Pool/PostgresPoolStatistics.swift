/// What a pool has at one moment.
public struct PostgresPoolStatistics: Sendable, Hashable {
    /// Open and unused.
    public var idle: Int
    /// In use.
    public var leased: Int
    /// Being opened.
    public var connecting: Int
    /// Callers that wait for a connection.
    public var waiting: Int
    /// False from a failed attempt to connect until the next one that succeeds.
    public var isAvailable: Bool
}
