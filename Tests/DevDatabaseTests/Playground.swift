import DevDatabase
import Foundation
import Logging
import Testing

/// A folder of the test's own, removed at its end.
struct Playground {
    let path = FileManager.default.temporaryDirectory.path + "/sluice-test-\(UUID().uuidString.prefix(8))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func server(_ folder: String = "postgres") -> PrivatePostgres { Self.server(folder: "\(path)/\(folder)") }

    static func server(folder: String) -> PrivatePostgres {
        PrivatePostgres(
            configuration: .init(folder: folder, durability: .none, maxConnections: 10, sharedBuffers: "16MB"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Runs a statement with psql and gives back what it printed, unaligned and without headers.
    static func sql(_ statement: String, on server: PrivatePostgres, database: String = "postgres") throws -> String {
        try output(
            "/usr/bin/psql",
            ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", server.connectionString(database: database), "-c", statement]
        )
    }

    static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Waits, at most a wide bound, until the process is gone.
    static func ends(_ processID: Int32) async throws -> Bool {
        for _ in 0..<600 {
            let stat = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
            if stat?.contains(") Z ") ?? true { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}
