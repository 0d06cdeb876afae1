import ArgumentParser
import Foundation
import Postgres

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date.",
        discussion: """
            Nodes go on meanwhile: a migration gives way when a table is in use, and is tried again. One that programs of an \
            earlier version cannot work with is refused while such a program runs.
            """
    )

    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        let connection = try await PostgresConnection.connect(try DatabaseAccess.configuration(node))
        let migrator = try DatabaseAccess.migrator()
        try await RunningProgram.requireNoneTooOld(for: migrator, on: connection)
        let applied = try await migrator.migrate(on: connection) { Output.line($0.line) }
        let isAhead = try await migrator.status(on: connection).isAhead
        await connection.close()
        if isAhead { Output.line("the database is newer than this program, which can work with it") }
        Output.line(applied.isEmpty ? "the schema is up to date" : "\(applied.count) migrations applied")
    }
}

extension Migrator.Progress {
    var line: String {
        switch self {
        case .waiting(let who): "waiting for another migration: \(who)"
        case .applying(let name): "applying \(name)"
        case .blocked(let name, let who): "\(name) gave way and is tried again; in the way: \(who)"
        case .applied(let name, let time): "applied \(name) in \(Int(time / .milliseconds(1))) ms"
        }
    }
}
