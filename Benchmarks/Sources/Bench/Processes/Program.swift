import Dispatch
import Foundation

/// A program that runs to its end. It inherits nothing, so that no variable of the caller leads elsewhere.
struct Program: Sendable {
    static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    var path: String
    var arguments: [String]
    var environment: [String: String] = ["PATH": searchPath, "LC_ALL": "C.UTF-8"]
    var folder = "/"

    /// Runs it off the cooperative pool and wants exit code 0; returns what it printed on standard output.
    @discardableResult
    func run(input: String? = nil) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try runBlocking(input) }) }
        }
    }

    @discardableResult
    func runBlocking(_ input: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        let output = Pipe()
        let errors = Pipe()
        let source = input.map { _ in Pipe() }
        process.standardInput = source ?? FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        if let input, let source {
            try source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try source.fileHandleForWriting.close()
        }
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        // Complaints are short, so that their pipe never fills.
        let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: complaints + data, as: UTF8.self)
            throw Failure("\(path) \(arguments.first ?? "") ended with \(process.terminationStatus): \(text)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
