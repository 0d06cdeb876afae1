import Foundation

/// Runs Python as a referee: a script with arguments, one process, its standard output.
enum Python {
    struct Failure: Error {
        let status: Int32
        let message: String
    }

    /// Whether there is a Python 3 that can import the modules.
    static func canImport(_ modules: String...) -> Bool {
        let output = try? run(modules.map { "import \($0)\n" }.joined() + "print('ok')")
        return output.map { String(decoding: $0, as: UTF8.self).hasPrefix("ok") } ?? false
    }

    static func run(_ script: String, _ arguments: String...) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONIOENCODING": "utf-8"]) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        let message = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(status: process.terminationStatus, message: String(decoding: message, as: UTF8.self))
        }
        return data
    }

    /// Runs the script with the path of a file that holds `input` as JSON, and decodes what it prints.
    static func run<Output: Decodable>(_ script: String, on input: some Encodable, as type: Output.Type) throws
        -> Output
    {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("input.json")
            try JSONEncoder().encode(input).write(to: file)
            return try JSONDecoder().decode(type, from: run(script, file.path))
        }
    }

    static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mail-tests-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
