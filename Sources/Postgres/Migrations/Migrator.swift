/// Brings a database's schema to where a program wants it. Several may run at once: one works, the others wait for it.
public struct Migrator: Sendable {
    /// What is told while it works.
    public enum Progress: Sendable, Hashable {
        /// Another session is migrating; the text says which.
        case waiting(String)
        case applying(name: String)
        case applied(name: String, time: Duration)
        /// A lock was not to be had; the text says who may be in the way. It is tried again.
        case blocked(name: String, by: String)
    }

    /// In the order of application.
    public let migrations: [Migration]
    /// How long to wait for another migrator.
    public var lockTimeout: Duration = .seconds(60)
    /// How long a migration waits for a table before it gives way: who comes behind it waits as long, too.
    public var tableLockTimeout: Duration = .seconds(1)
    /// How long a migration that gave way leaves the others alone, and how long it is tried altogether.
    public var pauseBetweenTries: Duration = .seconds(2)
    public var patience: Duration = .seconds(120)

    /// The advisory lock that migrators share; any fixed number does ("sluice" in ASCII).
    private static let lockKey: Int64 = 0x736c_7569_6365

    /// - Throws: ``PostgresError`` of code `.migration` when names are not unique and in order.
    public init(_ migrations: [Migration]) throws {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.name >= later.name {
            throw PostgresError(.migration, "migration \(later.name) does not sort behind \(earlier.name)")
        }
        self.migrations = migrations
    }

    /// The last migration that the program knows; what it can work with is measured by it.
    public var last: String { migrations.last?.name ?? "" }

    /// Compares the database with the program's migrations; changes nothing.
    public func status(on connection: PostgresConnection) async throws -> MigrationStatus {
        let table = try await connection.query("SELECT to_regclass('schema_migration') IS NOT NULL")
        guard try table[0].decode(Bool.self) else {
            return MigrationStatus(applied: [], pending: migrations.map(\.name), unknown: [], tooNew: [], changed: [])
        }
        // A table that was made before there was a column `works_from` is read, too.
        let rows = try await connection.query(
            """
            SELECT name, checksum, to_jsonb(m) ->> 'works_from' FROM schema_migration AS m ORDER BY name COLLATE "C"
            """
        )
        let recorded = try rows.decode(String.self, String.self, String?.self)
        let checksums = Dictionary(recorded.map { ($0.0, $0.1) }) { first, _ in first }
        let known = Set(migrations.map(\.name))
        let unknown = recorded.filter { !known.contains($0.0) }
        return MigrationStatus(
            applied: recorded.map(\.0),
            pending: migrations.map(\.name).filter { checksums[$0] == nil },
            unknown: unknown.map(\.0),
            tooNew: unknown.map { MigrationStatus.TooNew(name: $0.0, worksFrom: $0.2 ?? $0.0) }
                .filter { $0.worksFrom > last },
            changed: migrations.filter { checksums[$0.name] ?? $0.checksum != $0.checksum }.map(\.name)
        )
    }

    /// Applies what is pending, each migration in a transaction of its own, and returns their names: none where a later
    /// program has migrated the database in a way that this one can live with.
    ///
    /// A migration that does not get its locks at once gives way to the statements that queue up behind it, and is tried again.
    /// - Throws: ``PostgresError`` of code `.migration` when the database is too new, a migration was changed, or another
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
            );
            -- The last migration that a program must know to work with this one; NULL: this one.
            ALTER TABLE schema_migration ADD COLUMN IF NOT EXISTS works_from text
            """
        )
        let status = try await status(on: connection)
        try status.requireNoConflict()
        for migration in migrations where status.pending.contains(migration.name) {
            progress(.applying(name: migration.name))
            let start = ContinuousClock.now
            do {
                try await applyPatiently(migration, on: connection, progress)
            } catch var error as PostgresError {
                error.message = "migration \(migration.name): \(error.message)"
                throw error
            }
            progress(.applied(name: migration.name, time: start.duration(to: .now)))
        }
        return status.pending
    }

    /// Whoever waits for a table keeps all that come later waiting too, so a migration waits briefly, and again.
    private func applyPatiently(
        _ migration: Migration,
        on connection: PostgresConnection,
        _ progress: (Progress) -> Void
    ) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try await apply(migration, on: connection)
            } catch let error as PostgresError
                where [.lockNotAvailable, .deadlockDetected].contains(error.sqlState) && ContinuousClock.now < deadline
            {
                progress(.blocked(name: migration.name, by: try await longestTransaction(on: connection)))
                try await Task.sleep(for: pauseBetweenTries)
            }
        }
    }

    private func apply(_ migration: Migration, on connection: PostgresConnection) async throws {
        try await connection.transaction { transaction in
            // A migration may take longer than what a request is allowed, but not wait longer for others.
            let lockTimeout = max(1, Int(tableLockTimeout / .milliseconds(1)))
            try await transaction.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = \(lockTimeout)")
            let number = try await transaction.transactionNumber()
            try await transaction.execute(migration.sql)
            guard try await transaction.transactionNumber() == number else {
                throw PostgresError(.migration, "it must not begin or end transactions itself")
            }
            try await transaction.query(
                """
                INSERT INTO schema_migration (name, checksum, works_from)
                VALUES (\(migration.name), \(migration.checksum), \(migration.worksFrom))
                """
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

extension Migrator {
    /// Who has had a transaction open for longest, for a person who wonders what a migration waits for.
    private func longestTransaction(on connection: PostgresConnection) async throws -> String {
        let rows = try await connection.query(
            """
            SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::bigint FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
            ORDER BY xact_start LIMIT 1
            """
        )
        guard let row = rows.first else { return "others, which have just ended" }
        let (pid, application, seconds) = try row.decode(Int.self, String?.self, Int64.self)
        return "perhaps server process \(pid), application \(application ?? "?"), in a transaction for \(seconds) s"
    }
}

extension PostgresConnection {
    /// A number that another transaction does not have.
    fileprivate nonisolated func transactionNumber() async throws -> String {
        try await query("SELECT pg_current_xact_id()::text")[0].decode(String.self)
    }
}
