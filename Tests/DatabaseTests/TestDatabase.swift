import DevDatabase
import Foundation
import Logging
import Postgres
import Schema
import Signing
import Synchronization
import Testing

/// One private PostgreSQL for the whole test process, and a migrated database of its own for each test that asks.
actor TestServer {
    static let shared = TestServer()

    /// Tests that have a database at once: more would share the server's connections and the machine's cores for nothing.
    private static let places = 10

    private var started: Task<PrivatePostgres, any Error>?
    private var databases = 0
    private var taken = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Waits for a place; ``leave()`` gives it to the next one.
    func enter() async {
        if taken < Self.places {
            taken += 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { taken -= 1 } else { waiting.removeFirst().resume() }
    }

    /// A fresh database with the current schema, copied from one that was migrated once.
    func database() async throws -> (name: String, configuration: PostgresConfiguration) {
        let server = try await server()
        databases += 1
        let name = "test_\(databases)"
        try await server.createDatabase(name, template: "migrated")
        return (name, try Self.configuration(server, name))
    }

    /// A fresh database without a schema.
    func empty() async throws -> (name: String, configuration: PostgresConfiguration) {
        let server = try await server()
        databases += 1
        let name = "test_\(databases)"
        try await server.createDatabase(name)
        return (name, try Self.configuration(server, name))
    }

    /// Removes the database of a test that has ended: all of them together are gigabytes.
    func drop(_ name: String) async throws {
        try await server().dropDatabase(name)
    }

    /// Removes what earlier runs that did not end well have left.
    private static func clear() async {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix("sluice-test-") {
            guard let process = Int32(name.dropFirst("sluice-test-".count)), kill(process, 0) != 0, errno == ESRCH
            else {
                continue
            }
            try? await PrivatePostgres.removeData(folder: "/tmp/\(name)")
        }
    }

    static func configuration(_ server: PrivatePostgres, _ database: String) throws -> PostgresConfiguration {
        var configuration = try PostgresConfiguration(server.connectionString(database: database))
        for setting in ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"] {
            configuration.settings[setting] = "off"
        }
        return configuration
    }

    private func server() async throws -> PrivatePostgres {
        if started == nil {
            started = Task {
                var logger = Logger(label: "test.postgres")
                logger.logLevel = .error
                let server = PrivatePostgres(
                    configuration: .init(
                        folder: "/tmp/sluice-test-\(ProcessInfo.processInfo.processIdentifier)",
                        durability: .none
                    ),
                    logger: logger
                )
                await Self.clear()
                try await server.start()
                try await server.createDatabase("migrated")
                let connection = try await PostgresConnection.connect(try Self.configuration(server, "migrated"))
                try await Self.migrator().migrate(on: connection)
                await connection.close()
                return server
            }
        }
        guard let started else { throw CancellationError() }
        return try await started.value
    }

    static func migrator() throws -> Migrator {
        try Migrator(Schema.files.map { try Migration(name: $0.name, sql: $0.sql) { Hex.encode(SHA256.hash($0)) } })
    }
}

/// Runs a test against a database of its own.
func withDatabase(_ body: (PostgresPool) async throws -> Void) async throws {
    try await withDatabase { pool, _ in try await body(pool) }
}

/// The same, for tests that open sessions of their own.
func withDatabase(_ body: (PostgresPool, PostgresConfiguration) async throws -> Void) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    var configuration = PostgresPoolConfiguration(maxConnections: 6)
    // A test may let more compete than there are connections, on a machine that does much else.
    configuration.acquireTimeout = .seconds(60)
    await TestServer.shared.enter()
    let result: Result<Void, any Error>
    do {
        let database = try await TestServer.shared.database()
        try await PostgresPool.withPool(
            database.configuration,
            configuration: configuration,
            logger: logger
        ) { pool in try await body(pool, database.configuration) }
        try await TestServer.shared.drop(database.name)
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await TestServer.shared.leave()
    try result.get()
}
