import Dispatch
import Foundation

/// A program that runs to its end.
struct Program: Sendable {
    struct Output: Sendable {
        let status: Int32
        let text: String
        let errors: String
    }

    var path: String
    var arguments: [String]
    var environment: [String: String]
    var folder = "/"

    /// Runs it off the cooperative pool.
    func run() async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try runBlocking() }) }
        }
    }

    /// Runs it and wants exit code 0.
    func succeed() async throws -> String {
        let output = try await run()
        guard output.status == 0 else {
            throw TestFailure(
                "\(arguments.joined(separator: " ")) ended with \(output.status): \(output.text)\(output.errors)"
            )
        }
        return output.text
    }

    private func runBlocking() throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        let errors = FileManager.default.temporaryDirectory.appending(path: "sluice-errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus,
            text: String(decoding: data, as: UTF8.self),
            errors: (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
        )
    }
}
