import Foundation

/// Where PostgreSQL's programs are: in `PATH`, or Debian's highest version.
struct DatabaseBinaries: Sendable {
    private let folder: String

    static func find() throws -> Self {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? [])
            .compactMap(Int.init).sorted(by: >)
        let folders = path + versions.map { "\(debian)/\($0)/bin" }
        let needed = ["postgres", "initdb", "psql", "createdb", "dropdb"]
        let manager = FileManager.default
        let found = folders.first { folder in
            needed.allSatisfy { manager.isExecutableFile(atPath: "\(folder)/\($0)") }
        }
        guard let found else {
            throw Failure("no PostgreSQL server was found: install Debian's package postgresql")
        }
        return Self(folder: found)
    }

    func path(_ program: String) -> String { "\(folder)/\(program)" }

    /// Where the files of its extensions are.
    func extensions() async throws -> String {
        let text = try await Program(path: path("pg_config"), arguments: ["--sharedir"]).run()
        return text.trimmingCharacters(in: .whitespacesAndNewlines) + "/extension"
    }

    func version() async throws -> String {
        let text = try await Program(path: path("postgres"), arguments: ["--version"]).run()
        return text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true }.map(String.init) ?? text
    }
}
