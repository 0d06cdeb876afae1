import Foundation
import Testing

/// A second opinion on the documents: `Tests/referees/check_openapi.py`, in the referees' virtual environment.
enum DocumentReferee {
    static let folder = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]
    static let skipped: Comment = "SLUICE_REFEREES does not name the virtual environment of Tests/referees"

    /// What the referee finds wrong with these texts.
    static func findings(_ question: String, _ texts: String...) async throws -> [String] {
        let folder = try #require(folder)
        let place = FileManager.default.temporaryDirectory.appending(path: "sluice-openapi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let files = try texts.enumerated().map { index, text in
            let file = place.appending(path: "\(index).json")
            try Data(text.utf8).write(to: file)
            return file.path()
        }
        let process = Process()
        process.executableURL = URL(filePath: folder + "/bin/python3")
        process.arguments = [Checkout.root.appending(path: "Tests/referees/check_openapi.py").path(), question] + files
        let output = place.appending(path: "output")
        let errors = place.appending(path: "errors")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let (statuses, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            ended.yield(process.terminationStatus)
            ended.finish()
        }
        try process.run()
        let status = await statuses.first { _ in true }
        let complaint = try String(contentsOf: errors, encoding: .utf8)
        try #require(status == 0, "\(complaint.suffix(2000))")
        return try JSONDecoder().decode([String].self, from: try Data(contentsOf: output))
    }
}
