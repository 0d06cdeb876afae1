import Foundation

/// The Python that the tests' user has, as a second opinion on mail.
enum Python {
    /// Runs a script and decodes what it prints.
    static func run<Answer: Decodable>(_ script: String, _ arguments: String..., as type: Answer.Type) async throws
        -> Answer
    {
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONIOENCODING"] = "utf-8"
        let program = Program(
            path: "/usr/bin/env",
            arguments: ["python3", "-c", script] + arguments,
            environment: environment
        )
        let output = try await program.run()
        guard output.status == 0 else { throw TestFailure("Python: \(output.errors)") }
        return try JSONDecoder().decode(type, from: Data(output.text.utf8))
    }
}
