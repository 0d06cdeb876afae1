import Foundation
import Glibc

/// A program in the background, with its output in a file.
///
/// Between us and it stands a shell that kills it at the end of a pipe whose other end is ours: so it dies with us, however
/// we end.
final class ChildProcess: Sendable {
    private static let keeper = """
        exec 3<&0 </dev/null
        file=$1
        shift
        "$@" 3<&- &
        child=$!
        echo "$child" >"$file.new" && mv "$file.new" "$file"
        { read -r -u 3 _; kill -KILL "$child"; } 2>/dev/null &
        watcher=$!
        wait "$child"
        status=$?
        kill -KILL "$watcher" 2>/dev/null
        exit "$status"
        """

    let name: String
    let log: URL
    private let keeper: Process
    private let pipe: Pipe
    private let processID: Int32

    /// Starts the program; `folder` gets its output (appended to that of earlier ones of the same name).
    init(name: String, _ program: Program, folder: URL) async throws {
        self.name = name
        log = folder.appending(path: "\(name).log")
        if !FileManager.default.fileExists(atPath: log.path()) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let file = folder.appending(path: "\(name)-\(UUID().uuidString).pid")
        keeper = Process()
        pipe = Pipe()
        keeper.executableURL = URL(filePath: "/bin/bash")
        keeper.arguments = ["--norc", "-c", Self.keeper, "keeper", file.path(), program.path] + program.arguments
        keeper.environment = program.environment
        keeper.currentDirectoryURL = URL(filePath: program.folder)
        keeper.standardInput = pipe
        keeper.standardOutput = output
        keeper.standardError = output
        try keeper.run()
        processID = try await Self.processID(in: file)
    }

    private static func processID(in file: URL) async throws -> Int32 {
        for _ in 0..<2000 {
            if let text = try? String(contentsOf: file, encoding: .utf8),
                let number = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
            {
                return number
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw TestFailure("a process did not start")
    }

    var isRunning: Bool { keeper.isRunning }

    func signal(_ signal: Int32) {
        if isRunning { _ = Glibc.kill(processID, signal) }
    }

    /// Waits for its end; 137 is that of a killed one.
    @discardableResult
    func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await eventually("\(name) ends", within: limit, every: .milliseconds(5)) { !self.isRunning }
        return keeper.terminationStatus
    }

    /// Kills it as a crash would, and waits for its end.
    func crash() async throws {
        signal(SIGKILL)
        try await end()
    }

    /// Ends it in any case.
    func dispose() {
        try? pipe.fileHandleForWriting.close()
        keeper.waitUntilExit()
    }

    /// What it has printed, as lines.
    func lines() -> [Substring] {
        ((try? String(contentsOf: log, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}
