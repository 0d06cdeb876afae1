public import Postgres

/// Reads how much waits, for people.
public struct QueueReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Of every lane with rows, by lane number.
    public func depths() async throws -> [QueueDepth] {
        try await QueueDepth.all(pool)
    }

    /// The same, counted up to a bound in each lane.
    public func backlog() async throws -> [LaneBacklog] {
        try await LaneBacklog.all(pool)
    }
}
