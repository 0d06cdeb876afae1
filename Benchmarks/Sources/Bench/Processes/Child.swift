import Foundation
import Glibc

/// A program in the background, with its output in a file.
///
/// Between us and it stands a shell that ends it at the end of a pipe whose other end is ours: so it goes when we go, however
/// that happens.
final class Child: Sendable {
    /// Arguments: a file for the process id, the signal that ends the program, then its command line.
    private static let keeper = """
        exec 3<&0 </dev/null
        trap : HUP INT TERM QUIT
        file=$1 signal=$2
        shift 2
        "$@" 3<&- &
        child=$!
        echo "$child" >"$file.new" && mv "$file.new" "$file"
        {
            read -r -u 3 _
            kill -"$signal" "$child"
            for ((i = 0; i < 100; i++)); do kill -0 "$child" || exit; sleep 0.1; done
            kill -KILL "$child"
        } 2>/dev/null &
        watcher=$!
        status=0
        while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
        kill -KILL "$watcher" 2>/dev/null
        exit "$status"
        """

    let name: String
    let log: String
    let processID: Int32
    private let keeper: Process
    private let pipe: Pipe

    /// Starts the program; its log goes to `folder`.
    init(name: String, _ program: Program, signal: String = "KILL", folder: String) async throws {
        self.name = name
        log = "\(folder)/\(name).log"
        try Data().write(to: URL(filePath: log))
        let output = try FileHandle(forWritingTo: URL(filePath: log))
        let file = "\(folder)/\(name).pid"
        try? FileManager.default.removeItem(atPath: file)
        keeper = Process()
        pipe = Pipe()
        keeper.executableURL = URL(filePath: "/bin/bash")
        keeper.arguments = ["--norc", "-c", Self.keeper, "keeper", file, signal, program.path] + program.arguments
        keeper.environment = program.environment
        keeper.currentDirectoryURL = URL(filePath: program.folder)
        keeper.standardInput = pipe
        keeper.standardOutput = output
        keeper.standardError = output
        try keeper.run()
        do {
            processID = try await Self.processID(in: file)
        } catch {
            try? pipe.fileHandleForWriting.close()
            throw error
        }
    }

    private static func processID(in file: String) async throws -> Int32 {
        for _ in 0..<2000 {
            if let text = try? String(contentsOfFile: file, encoding: .utf8),
                let number = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
            {
                return number
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Failure("a process did not start")
    }

    var isRunning: Bool { keeper.isRunning }

    func signal(_ signal: Int32) {
        if isRunning { _ = Glibc.kill(processID, signal) }
    }

    /// Kills it as a crash would, and waits for its end.
    func crash() async throws {
        signal(SIGKILL)
        try await eventually("\(name) ends", every: 0.005) { !self.isRunning }
    }

    /// Ends it in any case.
    func dispose() {
        try? pipe.fileHandleForWriting.close()
        keeper.waitUntilExit()
    }

    func hasSaid(_ text: String) -> Bool {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains(text)
    }

    /// Its last warnings and errors.
    func complaints() -> String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").filter { !$0.contains(#""level":"info""#) }
        return "\(name) \(isRunning ? "runs" : "has ended")\n" + lines.suffix(8).joined(separator: "\n")
    }

    /// CPU seconds that it has used, its threads together.
    func processorSeconds() throws -> Double { try ProcessorTime.seconds(of: processID) }
}
