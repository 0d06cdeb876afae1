import Foundation
import Glibc
import Synchronization

/// A PostgreSQL of this run's own: durable as in production, reachable through a unix socket only, gone when the run is.
final class DatabaseServer: Sendable {
    private static let user = "sluice"

    /// Holds the data and the socket; its path is short, because a socket's has 107 bytes at most.
    let folder: String
    private let binaries: DatabaseBinaries
    private let plan: DatabasePlan
    private let logs: String
    /// How to become a user that PostgreSQL accepts, when we are root.
    private let prefix: [String]
    private let child = Mutex<Child?>(nil)
    private let volume = Mutex<SmallVolume?>(nil)

    private init(_ plan: DatabasePlan, logs: String) throws {
        self.plan = plan
        folder = "/tmp/sb-" + String(UInt32.random(in: .min ... .max), radix: 36)
        binaries = try DatabaseBinaries.find()
        self.logs = logs
        guard geteuid() == 0 else {
            prefix = []
            return
        }
        let accounts = try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        let account = ["postgres", "nobody"].compactMap { name in accounts.first { $0[0] == name } }.first
        guard let account, account.count > 3 else {
            throw Failure("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
        }
        prefix = [
            "/usr/bin/setpriv", "--reuid=\(account[2])", "--regid=\(account[3])", "--clear-groups", "--",
        ]
    }

    /// Runs `body` with a fresh server, and removes it afterwards.
    static func with<Value>(
        _ plan: DatabasePlan = DatabasePlan(),
        logs: String,
        _ body: (DatabaseServer) async throws -> Value
    ) async throws -> Value {
        let server = try DatabaseServer(plan, logs: logs)
        defer {
            server.dispose()
            server.disk?.unmount()
            try? FileManager.default.removeItem(atPath: server.folder)
        }
        try await server.initialize()
        try await server.start()
        return try await body(server)
    }

    private func program(_ arguments: [String]) -> Program {
        let line = prefix + arguments
        return Program(path: line[0], arguments: Array(line.dropFirst()))
    }

    private func initialize() async throws {
        try await Program(path: "/bin/mkdir", arguments: ["-m", "0700", folder, "\(folder)/disk"]).run()
        if plan.hasSmallDisk {
            let disk = try await SmallVolume.mount(image: "\(folder)/image", at: "\(folder)/disk")
            volume.withLock { $0 = disk }
        }
        if let user = prefix.dropFirst().first?.split(separator: "=").last {
            try await Program(path: "/bin/chown", arguments: [String(user), folder, "\(folder)/disk"]).run()
        }
        try await program(
            [
                binaries.path("initdb"), "--pgdata=\(data)", "--username=\(Self.user)", "--encoding=UTF8",
                "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--data-checksums", "--no-instructions",
            ] + plan.initialisation
        ).run()
    }

    private var data: String { "\(folder)/disk/data" }

    /// The file system of its own that its data are on.
    var disk: SmallVolume? { volume.withLock(\.self) }

    func start() async throws {
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder)", "unix_socket_permissions=0700",
            "max_connections=250", "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min",
            "logging_collector=off", "timezone=UTC", "fsync=on", "full_page_writes=on", "synchronous_commit=on",
        ]
        let line = program(
            [binaries.path("postgres"), "-D", data] + (settings + plan.settings).flatMap { ["-c", $0] }
        )
        // Its own session, so that Ctrl-C at the terminal reaches us and not the server.
        var session = Program(path: "/usr/bin/setsid", arguments: [line.path] + line.arguments)
        session.environment.merge(plan.environment) { $1 }
        let server = try await Child(name: "postgres", session, signal: "INT", folder: logs)
        child.withLock { $0 = server }
        try await eventually("PostgreSQL accepts connections") {
            guard server.isRunning else { throw Failure("PostgreSQL did not start: \(server.complaints())") }
            return (try? await self.query("SELECT 1", database: "postgres")) != nil
        }
    }

    /// Stops it as an operator does and starts it again.
    /// - Returns: when it accepted connections.
    func restart() async throws -> Int64 {
        dispose()
        try await start()
        return BootTime.now()
    }

    /// Kills the postmaster as a crash would; its backends notice and end.
    func crash() async throws {
        try await child.withLock(\.self)?.crash()
    }

    var isRunning: Bool { child.withLock(\.self)?.isRunning ?? false }

    /// The server's process and its backends.
    func processes() throws -> [Int32] {
        guard let process = child.withLock(\.self)?.processID else { throw Failure("PostgreSQL does not run") }
        return try ProcessorTime.family(of: process)
    }

    /// A URL for libpq.
    func url(_ database: String) -> String { "postgres://\(Self.user)@/\(database)?host=\(folder)" }

    /// A URL that leads through a port of a proxy.
    func url(_ database: String, port: Int) -> String { "postgres://\(Self.user)@127.0.0.1:\(port)/\(database)" }

    var socket: String { "\(folder)/.s.PGSQL.5432" }

    func createDatabase(_ name: String) async throws {
        try await Program(
            path: binaries.path("createdb"),
            arguments: ["--host=\(folder)", "--username=\(Self.user)", "--maintenance-db=postgres", name]
        ).run()
    }

    func dropDatabase(_ name: String) async throws {
        try await Program(
            path: binaries.path("dropdb"),
            arguments: ["--host=\(folder)", "--username=\(Self.user)", "--if-exists", "--force", name]
        ).run()
    }

    /// Runs statements through `psql`; the rows as lines, columns separated by `|`.
    @discardableResult
    func query(_ sql: String, database: String) async throws -> [String] {
        let text = try await Program(
            path: binaries.path("psql"),
            arguments: [
                "--host=\(folder)", "--username=\(Self.user)", "--dbname=\(database)", "--no-psqlrc", "--quiet",
                "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1",
            ]
        ).run(input: sql)
        return text.split(separator: "\n").map(String.init)
    }

    /// Runs `pgbench` and returns its report.
    func pgbench(_ arguments: [String], database: String) async throws -> String {
        try await Program(
            path: binaries.path("pgbench"),
            arguments: ["--host=\(folder)", "--username=\(Self.user)"] + arguments + [database]
        ).run()
    }

    /// The settings that a figure depends on, as the server has them.
    func settings() async throws -> String {
        let names = [
            "fsync", "full_page_writes", "synchronous_commit", "shared_buffers", "max_wal_size", "checkpoint_timeout",
            "wal_compression",
        ]
        return try await query(
            "SELECT name || '=' || current_setting(name) FROM unnest(ARRAY['\(names.joined(separator: "', '"))']) AS name;",
            database: "postgres"
        ).joined(separator: " ")
    }

    /// Waits until no program is connected to a database, so that what they did is counted.
    func deserted(_ database: String) async throws {
        try await eventually("no connection to \(database) is left", every: 0.05) {
            try await self.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)' AND backend_type = 'client backend';",
                database: "postgres"
            ) == ["0"]
        }
    }

    /// CPU seconds of the server and its backends, those that have ended included.
    func processorSeconds() throws -> Double {
        guard let process = child.withLock(\.self)?.processID else { throw Failure("PostgreSQL does not run") }
        return try ProcessorTime.seconds(ofFamily: process)
    }

    private func dispose() {
        child.withLock { child in
            defer { child = nil }
            return child
        }?.dispose()
    }
}
