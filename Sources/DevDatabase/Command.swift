import Dispatch
import Foundation

/// A short-lived program: run it, wait for its end, keep what it printed.
struct Command: Sendable {
    struct Output: Sendable {
        var status: Int32
        var text: String
    }

    /// What every program gets. Nothing is inherited, so that no `PG...` variable of the caller leads elsewhere.
    static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
    ]

    var path: String
    var arguments: [String]

    /// Runs it off the cooperative pool; standard output and error come back as one text.
    func run() async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runBlocking() })
            }
        }
    }

    /// Runs it, and throws what it printed unless it succeeds.
    ///
    /// - Parameters:
    ///   - purpose: what it is run for, for the error.
    ///   - folder: of the server that it concerns.
    func succeed(doing purpose: String, folder: String) async throws {
        let output = try await run()
        guard output.status == 0 else {
            throw DevDatabaseError.explaining(output.text, code: .commandFailed, doing: purpose, folder: folder)
        }
    }

    private func runBlocking() throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = Self.environment
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Output(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
    }
}
