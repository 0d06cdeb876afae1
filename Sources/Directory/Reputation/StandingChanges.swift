public import Postgres

/// Lets a change of somebody's standing take its place among the directory's changes: audited, and seen by every node within
/// half a second.
public enum StandingChanges {
    /// Waits for the changes that are under way, and holds up those that follow until the transaction ends. To be called before
    /// any row is written.
    public static func begin(on connection: PostgresConnection) async throws {
        try await DirectoryChangeLog.begin(on: connection)
    }

    /// What standings are now, for `record`; their objects are such as `standing of tenant shop at main`.
    public static func states(_ objects: [String], on connection: PostgresConnection) async throws -> [String: String] {
        try await AuditedState.read(objects, on: connection)
    }

    /// To be called when the rows are written.
    ///
    /// - Parameter before: what `states` was before.
    public static func record(
        _ changes: [(action: String, object: String, detail: String)],
        over before: [String: String],
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        try await DirectoryChangeLog.record(
            changes.map { .init(action: $0.action, object: $0.object, detail: $0.detail) },
            over: before,
            actor: actor,
            on: connection
        )
    }
}
