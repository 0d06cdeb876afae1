import ArgumentParser
import Foundation
import Postgres

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date."
    )

    @OptionGroup var options: DatabaseOptions

    func run() async throws {
        let node = try ConfigurationLoader().node(NodeOptions(database: options))
        let connection = try await PostgresConnection.connect(try DatabaseAccess.configuration(node))
        let applied = try await DatabaseAccess.migrator().migrate(on: connection) { Output.line($0.line) }
        await connection.close()
        Output.line(applied.isEmpty ? "the schema is up to date" : "\(applied.count) migrations applied")
    }
}

extension Migrator.Progress {
    var line: String {
        switch self {
        case .waiting(let who): "waiting for another migration: \(who)"
        case .applying(let name): "applying \(name)"
        case .applied(let name, let time): "applied \(name) in \(Int(time / .milliseconds(1))) ms"
        }
    }
}
