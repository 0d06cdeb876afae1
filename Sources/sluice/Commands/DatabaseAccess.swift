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
        // What those settings add to a plan's cost would have its statements compiled, each time for longer than they run.
        configuration.settings["jit"] = "off"
        return configuration
    }

    static func migrator() throws -> Migrator {
        try Migrator(
            Schema.files.map { try Migration(name: $0.name, sql: $0.sql) { Hex.encode(SHA256.hash($0)) } }
        )
    }

    /// - Throws: `PostgresError` of code `.migration` that says what to do, unless the schema is this program's.
    static func requireSchema(_ pool: PostgresPool) async throws {
        try await pool.withConnection { connection in
            try await migrator().status(on: connection).requireCurrent()
        }
    }

    /// Runs `body` with a pool on the configured database, whose schema must be current.
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
