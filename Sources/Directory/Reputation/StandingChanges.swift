public import Postgres

/// Lets a change of somebody's standing take its place among the directory's changes: audited, and seen by every node within
/// half a second.
public enum StandingChanges {
    /// Waits for the changes that are under way, and holds up those that follow until the transaction ends. To be called before
    /// any row is written.
    public static func begin(on connection: PostgresConnection) async throws {
        try await DirectoryChangeLog.begin(on: connection)
    }

    /// - Parameter object: such as `tenant shop at main`.
    public static func record(
        _ changes: [(action: String, object: String, detail: String)],
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        try await DirectoryChangeLog.record(
            changes.map { .init(action: $0.action, object: $0.object, detail: $0.detail) },
            actor: actor,
            on: connection
        )
    }
}
