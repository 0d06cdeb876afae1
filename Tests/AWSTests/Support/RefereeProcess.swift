import Foundation
import Outbound
import Testing

/// A program of the referees' virtual environment that serves HTTP on loopback while a test runs.
///
/// Its parent is a small Python program that kills it when our end of a pipe closes: also when the tests crash.
struct RefereeProcess: Sendable {
    private static let keeper = """
        import subprocess, sys
        child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        sys.stdin.read()
        child.kill()
        child.wait()
        """

    /// The virtual environment, from the variable SLUICE_REFEREES.
    static let folder = ProcessInfo.processInfo.environment["SLUICE_REFEREES"]

    static let skipped: Comment = "SLUICE_REFEREES does not name the virtual environment of Tests/referees"

    /// `http://127.0.0.1:PORT`.
    let url: String

    /// Runs `body` while the program runs; `arguments` and `environment` are given its port.
    static func run<Result>(
        _ program: String,
        arguments: (UInt16) -> [String] = { _ in [] },
        environment: (UInt16) -> [String: String] = { _ in [:] },
        ready path: String,
        _ body: (RefereeProcess) async throws -> Result
    ) async throws -> Result {
        let folder = try #require(folder)
        let port = try LoopbackServer.freePort()
        let process = Process()
        process.executableURL = URL(filePath: folder + "/bin/python3")
        process.arguments = ["-c", keeper, "\(folder)/bin/\(program)"] + arguments(port)
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("AWS_") }
            .merging(environment(port)) { $1 }
        let input = Pipe()
        process.standardInput = input
        let log = FileManager.default.temporaryDirectory.appending(path: "sluice-\(program)-\(port).log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
            try? FileManager.default.removeItem(at: log)
        }
        let referee = RefereeProcess(url: "http://127.0.0.1:\(port)")
        guard try await referee.becomesReady(path, process) else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            throw RefereeFailure(description: "\(program) does not serve \(path): \(text.suffix(2000))")
        }
        return try await body(referee)
    }

    private func becomesReady(_ path: String, _ process: Process) async throws -> Bool {
        let client = TestHTTP.client
        for _ in 0..<600 where process.isRunning {
            let answer = try? await client.send(.init(method: .get, url: url + path))
            if let answer, answer.status < 500 { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}

struct RefereeFailure: Error, CustomStringConvertible {
    let description: String
}
