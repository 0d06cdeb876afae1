import ArgumentParser
import Logging
import Postgres
import Schema
import Signing

/// How commands reach the database and its schema.
enum DatabaseAccess {
    /// The connection that the configuration names.
    static func configuration(_ node: NodeConfiguration) throws -> PostgresConfiguration {
        switch node.database {
        case .url(let url):
            do {
                return try connection(url)
            } catch {
                throw CommandFailure("the database URL cannot be used: \(error)")
            }
        case .own:
            throw CommandFailure(
                "'database: private' is for `sluice dev` only; name a database with `database: {url: ...}`"
            )
        case nil:
            throw CommandFailure(
                "no database is configured: set `database: {url: ...}` in the file, SLUICE_DATABASE_URL, or --database-url"
            )
        }
    }

    /// A connection string with what our statements expect of a session: plans that follow the indexes.
    static func connection(_ url: String) throws -> PostgresConfiguration {
        var configuration = try PostgresConfiguration(url)
        for setting in ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"] {
            configuration.settings[setting] = "off"
        }
        // By this `migrate` sees which programs run.
        configuration.applicationName = RunningProgram.mark(schema: Schema.files.last?.name ?? "")
        // What those settings add to a plan's cost would have its statements compiled, each time for longer than they run.
        configuration.settings["jit"] = "off"
        return configuration
    }

    static func migrator() throws -> Migrator {
        try Migrator(
            Schema.files.map { file in
                try Migration(name: file.name, sql: file.sql, worksFrom: file.worksFrom) { Hex.encode(SHA256.hash($0)) }
            }
        )
    }

    /// - Returns: how the schema stands to this program.
    /// - Throws: `PostgresError` of code `.migration` that says what to do, unless this program can work with the schema.
    @discardableResult
    static func requireSchema(_ pool: PostgresPool) async throws -> MigrationStatus {
        try await pool.withConnection { connection in
            let status = try await migrator().status(on: connection)
            try status.requireUsable()
            return status
        }
    }

    /// Runs `body` with a pool on the configured database, whose schema must be one that this program can work with.
    static func withPool<Value>(
        _ options: DatabaseOptions,
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        var logger = Logger(label: "sluice")
        logger.logLevel = .error
        return try await PostgresPool.withPool(
            try configuration(node),
            configuration: PostgresPoolConfiguration(maxConnections: 2),
            logger: logger
        ) { pool in
            try await requireSchema(pool)
            return try await body(pool)
        }
    }
}
