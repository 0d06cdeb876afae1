/// Brings a database's schema to where a program wants it. Several may run at once: one works, the others wait for it.
public struct Migrator: Sendable {
    /// What is told while it works.
    public enum Progress: Sendable, Hashable {
        /// Another session is migrating; the text says which.
        case waiting(String)
        case applying(name: String)
        case applied(name: String, time: Duration)
    }

    /// In the order of application.
    public let migrations: [Migration]
    /// How long to wait for another migrator.
    public var lockTimeout: Duration = .seconds(60)

    /// The advisory lock that migrators share; any fixed number does ("sluice" in ASCII).
    private static let lockKey: Int64 = 0x736c_7569_6365

    /// - Throws: ``PostgresError`` of code `.migration` when names are not unique and in order.
    public init(_ migrations: [Migration]) throws {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.name >= later.name {
            throw PostgresError(.migration, "migration \(later.name) does not sort behind \(earlier.name)")
        }
        self.migrations = migrations
    }

    /// Compares the database with the program's migrations; changes nothing.
    public func status(on connection: PostgresConnection) async throws -> MigrationStatus {
        let table = try await connection.query("SELECT to_regclass('schema_migration') IS NOT NULL")
        guard try table[0].decode(Bool.self) else {
            return MigrationStatus(applied: [], pending: migrations.map(\.name), unknown: [], changed: [])
        }
        let rows = try await connection.query("SELECT name, checksum FROM schema_migration ORDER BY name COLLATE \"C\"")
        let recorded = try rows.decode(String.self, String.self)
        let checksums = Dictionary(recorded) { first, _ in first }
        let known = Set(migrations.map(\.name))
        return MigrationStatus(
            applied: recorded.map(\.0),
            pending: migrations.map(\.name).filter { checksums[$0] == nil },
            unknown: recorded.map(\.0).filter { !known.contains($0) },
            changed: migrations.filter { checksums[$0.name] ?? $0.checksum != $0.checksum }.map(\.name)
        )
    }

    /// Applies what is pending, each migration in a transaction of its own, and returns their names.
    /// - Throws: ``PostgresError`` of code `.migration` when the database is newer, a migration was changed, or another
    ///   migrator does not finish in time; the server's error, naming the migration, when one fails. That one has no
    ///   effect then, and neither have those behind it.
    @discardableResult
    public func migrate(
        on connection: PostgresConnection,
        progress: (Progress) -> Void = { _ in }
    ) async throws -> [String] {
        try await lock(connection, progress)
        do {
            let names = try await applyPending(on: connection, progress)
            try await connection.releaseAdvisoryLock(.single(Self.lockKey))
            return names
        } catch {
            _ = try? await connection.releaseAdvisoryLock(.single(Self.lockKey))
            throw error
        }
    }

    private func applyPending(
        on connection: PostgresConnection,
        _ progress: (Progress) -> Void
    ) async throws -> [String] {
        try await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                name       text PRIMARY KEY,
                checksum   text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        let status = try await status(on: connection)
        try status.requireNoConflict()
        for migration in migrations where status.pending.contains(migration.name) {
            progress(.applying(name: migration.name))
            let start = ContinuousClock.now
            do {
                try await apply(migration, on: connection)
            } catch var error as PostgresError {
                error.message = "migration \(migration.name): \(error.message)"
                throw error
            }
            progress(.applied(name: migration.name, time: start.duration(to: .now)))
        }
        return status.pending
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) async throws {
        try await connection.transaction { transaction in
            // A migration may take longer than what a request is allowed.
            try await transaction.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            let number = try await transaction.transactionNumber()
            try await transaction.execute(migration.sql)
            guard try await transaction.transactionNumber() == number else {
                throw PostgresError(.migration, "it must not begin or end transactions itself")
            }
            try await transaction.query(
                "INSERT INTO schema_migration (name, checksum) VALUES (\(migration.name), \(migration.checksum))"
            )
        }
    }

    private func lock(_ connection: PostgresConnection, _ progress: (Progress) -> Void) async throws {
        let deadline = ContinuousClock.now.advanced(by: lockTimeout)
        var hasTold = false
        while try await !connection.tryAdvisoryLock(Self.lockKey) {
            let holder = try await holder(on: connection)
            if !hasTold { progress(.waiting(holder)) }
            hasTold = true
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.migration, "another migrator has not finished in time: \(holder)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Who has the lock, for a person who wonders why nothing happens.
    private func holder(on connection: PostgresConnection) async throws -> String {
        let rows = try await connection.query(
            """
            SELECT a.pid, a.application_name, host(a.client_addr), a.backend_start::text
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (l.classid::int8 << 32 | l.objid::int8) = \(Self.lockKey)
            """
        )
        guard let row = rows.first else { return "it has just ended" }
        let (pid, application, address, start) = try row.decode(Int.self, String?.self, String?.self, String?.self)
        return """
            server process \(pid), application \(application ?? "?"), \
            from \(address ?? "this machine"), connected since \(start ?? "?")
            """
    }
}

extension PostgresConnection {
    /// A number that another transaction does not have.
    fileprivate nonisolated func transactionNumber() async throws -> String {
        try await query("SELECT pg_current_xact_id()::text")[0].decode(String.self)
    }
}
