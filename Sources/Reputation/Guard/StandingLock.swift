import Postgres

/// One at a time works on standings; whoever takes it does so before any other lock.
enum StandingLock {
    /// Until the end of the transaction; false when another has it.
    static func tryTake(on connection: PostgresConnection) async throws -> Bool {
        try await connection.query("SELECT pg_try_advisory_xact_lock(hashtext('sluice reputation'))")
            .decode(Bool.self).first ?? false
    }

    static func take(on connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtext('sluice reputation'))")
    }
}
