import Foundation

/// Where PostgreSQL's programs are.
struct ServerBinaries: Sendable, Equatable {
    /// The folder that holds `postgres`, `initdb`, `createdb`.
    var folder: String

    /// Looks in the folders of `PATH`, then for the highest version in Debian's `/usr/lib/postgresql`.
    static func find(
        path: String = ProcessInfo.processInfo.environment["PATH"] ?? "",
        versions: String = "/usr/lib/postgresql"
    ) throws -> Self {
        for folder in path.split(separator: ":").map(String.init) where isComplete(folder) {
            return Self(folder: folder)
        }
        let installed = ((try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? [])
            .compactMap(Int.init)
            .sorted(by: >)
        for version in installed where isComplete("\(versions)/\(version)/bin") {
            return Self(folder: "\(versions)/\(version)/bin")
        }
        throw DevDatabaseError(
            code: .serverNotFound,
            message: """
                No PostgreSQL server was found, neither in PATH nor in \(versions). \
                Install Debian's package postgresql (apt-get install postgresql) and start again.
                """
        )
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["postgres", "initdb", "createdb", "dropdb"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
        }
    }

    func path(_ program: String) -> String { "\(folder)/\(program)" }

    /// The server's major version, such as `15`.
    func majorVersion() async throws -> String {
        let output = try await Command(path: path("postgres"), arguments: ["--version"]).run()
        let version = output.text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber == true } ?? ""
        return String(version.prefix { $0.isNumber })
    }
}
