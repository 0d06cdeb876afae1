import DevDatabase
import Foundation
import Glibc
import Logging
import Postgres
import Testing

/// The server that most tests share; it starts with the first test that asks for it and ends with the process.
actor TestServer {
    static let shared = TestServer()

    private var server: PrivatePostgres?
    private var isStarting = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// A server of a test's own, for tests that stop it. Not started yet.
    static func make(settings: [String: String] = [:]) -> PrivatePostgres {
        removeLeftovers()
        let folder = "\(NSTemporaryDirectory())/sluice-postgres-tests-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let configuration = PrivatePostgres.Configuration(
            folder: folder,
            durability: .none,
            maxConnections: 250,
            settings: settings
        )
        return PrivatePostgres(configuration: configuration, logger: Logger(label: "test"))
    }

    /// Where the shared server is.
    func configuration() async throws -> PostgresConfiguration {
        try await start()
        guard let server else { throw CancellationError() }
        return try PostgresConfiguration(server.connectionString(database: "postgres"))
    }

    func newDatabase(_ name: String) async throws -> PostgresConfiguration {
        try await start()
        guard let server else { throw CancellationError() }
        try await server.createDatabase(name)
        return try PostgresConfiguration(server.connectionString(database: name))
    }

    private func start() async throws {
        while isStarting { await withCheckedContinuation { waiting.append($0) } }
        if server != nil { return }
        isStarting = true
        defer {
            isStarting = false
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
        let server = Self.make()
        try await server.start()
        self.server = server
    }

    /// Folders of test runs whose process is gone.
    private static func removeLeftovers() {
        let prefix = "sluice-postgres-tests-"
        let folder = NSTemporaryDirectory()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count).prefix { $0 != "-" }
            if let pid = Int32(pid), kill(pid, 0) != 0 {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
        }
    }
}

/// Runs a test with a connection of its own.
func withConnection<Value>(
    _ adjust: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresConnection) async throws -> Value
) async throws -> Value {
    var configuration = try await TestServer.shared.configuration()
    adjust(&configuration)
    let connection = try await PostgresConnection.connect(configuration)
    do {
        let value = try await body(connection)
        await connection.close()
        return value
    } catch {
        await connection.close()
        throw error
    }
}

/// Expects a statement to return one row of one column with that value.
func expect<Value: PostgresDecodable & Equatable & Sendable>(
    _ sql: SQL,
    _ value: Value,
    _ connection: PostgresConnection,
    location: SourceLocation = #_sourceLocation
) async throws {
    let row = try #require(try await connection.query(sql).first, sourceLocation: location)
    let found = try row.decode(Value.self)
    #expect(found == value, sourceLocation: location)
}

/// Halts a process, as a machine does that is paused.
func stop(_ pid: Int32) {
    kill(pid, SIGSTOP)
}

/// Lets a halted process go on.
func resume(_ pid: Int32) {
    kill(pid, SIGCONT)
}
