import ArgumentParser
import Foundation
import Measure
import UnixSignals

/// The options that all commands have.
struct CommonOptions: ParsableArguments {
    @Flag(name: .long, help: "A few cells of a few seconds: whether the benchmark works, not how fast anything is.")
    var quick = false

    @Option(name: .long, help: "Write the figures to this file as JSON.")
    var json: String?

    @Option(name: .long, help: "Seeds the demand.")
    var seed: UInt64 = 1
}

/// Runs a benchmark with a PostgreSQL of its own; Ctrl-C ends it and everything that it started.
enum Session {
    static func run(_ body: @escaping @Sendable (DatabaseServer) async throws -> Void) async throws {
        try await run { logs in try await DatabaseServer.with(logs: logs) { try await body($0) } }
    }

    /// The same for a benchmark that makes its own; `body` gets a folder that goes with the run.
    static func run(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await measure(body)
                return true
            }
            group.addTask {
                for await _ in signals { return false }
                // The sequence ends when the benchmark is over.
                return true
            }
            let isFinished = try await group.next() ?? true
            group.cancelAll()
            if !isFinished {
                Terminal.progress("stopping")
                while let result = await group.nextResult() { _ = result }
                throw ExitCode(130)
            }
        }
    }

    private static func measure(_ body: @Sendable (String) async throws -> Void) async throws {
        let logs = FileManager.default.temporaryDirectory.appending(
            path: "sluice-bench-\(ProcessInfo.processInfo.processIdentifier)"
        ).path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: logs) }
        for (name, value) in try await Machine.description().sorted(by: { $0.key < $1.key }) {
            Terminal.line("\(name): \(value)")
        }
        try await body(logs)
    }

    /// Writes the figures where they were asked for.
    static func write<Cell>(
        _ cells: [Cell],
        command: String,
        settings: [String: String],
        to file: String?,
        isQuiet: Bool = false
    ) async throws where Cell: Codable & Sendable {
        guard let file else { return }
        let results = Results(
            command: "Benchmarks/run \(command)",
            machine: try await Machine.description(),
            settings: settings,
            cells: cells
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let target = URL(filePath: file)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try encoder.encode(results).write(to: target)
        if !isQuiet { Terminal.line("written to \(file)") }
    }
}
