import Foundation
import Measure

/// B9: many runs, some at a time.
struct FaultSuite: Sendable {
    let seeds: [UInt64]
    let kinds: [FaultKind]
    /// As it was asked for, for the command that repeats a run.
    let only: String?
    let atOnce: Int
    let keepsFailed: Bool

    private enum Ending: Sendable {
        case result(FaultResult)
        case failure(UInt64, String)
    }

    func run(logs: String, json: String?) async throws {
        let obstacle = await SmallVolume.obstacle()
        if let obstacle, kinds.contains(.fillDisk) { Terminal.line("disk-full is left out: \(obstacle)") }
        if FakeClock.libraries == nil, kinds.contains(where: { [.stepNodeClock, .stepDatabaseClock].contains($0) }) {
            Terminal.line("clock steps are left out: libfaketime is not installed (Debian's package libfaketime)")
        }
        let results = try await withThrowingTaskGroup(of: Ending.self) { group in
            var results: [FaultResult] = []
            var failed: [UInt64] = []
            var ended = 0
            func take(_ ending: Ending) async throws {
                ended += 1
                switch ending {
                case .result(let result):
                    results.append(result)
                    say(result, number: ended)
                    if !result.isSound { failed.append(result.seed) }
                    // After each, so that a run which is stopped has been for something.
                    try await write(results, to: json)
                case .failure(let seed, let text):
                    failed.append(seed)
                    Terminal.line(
                        "\(ended) of \(seeds.count), seed \(seed): FAILED: \(text)\n  again: \(command(seed))"
                    )
                }
            }
            for (index, seed) in seeds.enumerated() {
                if index >= atOnce, let ending = try await group.next() { try await take(ending) }
                group.addTask { try await one(seed, logs: logs, obstacle: obstacle) }
            }
            while let ending = try await group.next() { try await take(ending) }
            return (results, failed)
        }
        try await finish(results.0, failed: results.1, json: json)
    }

    private func one(_ seed: UInt64, logs: String, obstacle: String?) async throws -> Ending {
        let plan = FaultPlan(seed: seed, kinds: kinds)
        let folder =
            "\(keepsFailed ? FileManager.default.temporaryDirectory.path(percentEncoded: false) : logs)/faults-\(seed)"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var isKept = false
        defer { if !isKept { try? FileManager.default.removeItem(atPath: folder) } }
        do {
            let result = try await FaultsRun(plan: plan, folder: folder, diskObstacle: obstacle).run()
            isKept = keepsFailed && !result.isSound
            if isKept { try Data(plan.words.utf8).write(to: URL(filePath: "\(folder)/plan.txt")) }
            return .result(result)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            isKept = keepsFailed
            return .failure(seed, "\(plan.words)\n\(error)")
        }
    }

    private func command(_ seed: UInt64) -> String {
        "Benchmarks/run faults --runs 1 --seed \(seed)\(only.map { " --only \($0)" } ?? "") --keep-failed"
    }

    private func say(_ result: FaultResult, number: Int) {
        Terminal.line("\(number) of \(seeds.count), seed \(result.seed), \(result.layout.rawValue): \(result.summary)")
        for strike in result.strikes {
            let end = strike.recovery.map { ", sent again after \(Figures.seconds($0))" } ?? ""
            let what =
                strike.isSkipped
                ? "left out: \(strike.note)" : "\(Figures.seconds(strike.seconds)) \(strike.note)\(end)"
            Terminal.progress("\(Figures.seconds(strike.at)) \(strike.kind.rawValue): \(what)")
        }
        guard !result.isSound else { return }
        for finding in result.findings.prefix(20) { Terminal.line("  \(finding)") }
        Terminal.line("  again: \(command(result.seed))")
    }

    private func write(_ results: [FaultResult], to file: String?, isQuiet: Bool = true) async throws {
        let settings = ["runs": "\(results.count)", "first seed": "\(seeds.first ?? 0)", "at once": "\(atOnce)"]
        try await Session.write(
            results.sorted { $0.seed < $1.seed },
            command: "faults",
            settings: settings,
            to: file,
            isQuiet: isQuiet
        )
    }

    private func finish(_ results: [FaultResult], failed: [UInt64], json: String?) async throws {
        let total = FaultTotal(results)
        Terminal.line("\(results.count) runs: \(total.summary)")
        try await write(results, to: json, isQuiet: false)
        guard failed.isEmpty else {
            throw Failure(
                "\(failed.count) runs failed: seeds \(failed.sorted().map(String.init).joined(separator: ", "))"
            )
        }
    }
}
