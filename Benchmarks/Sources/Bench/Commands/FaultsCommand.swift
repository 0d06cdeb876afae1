import ArgumentParser
import Foundation
import Measure

struct FaultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults",
        abstract: "Break everything at random, and see whether anything was lost, doubled or made up.",
        discussion: """
            Each run has processes and a database of its own, and a seed: run n of --seed S is the first of --seed S+n. With --only, \
            kinds are named in whole or by their beginning: \(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")).
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "How many runs; 3 with --quick.")
    var runs: Int?

    @Option(name: .long, help: "Only these kinds; several with commas.")
    var only: String?

    @Option(name: .long, help: "Runs at the same time. Most of a run is waiting.")
    var atOnce = 3

    @Flag(name: .long, help: "Keep the folder of a run that fails: logs, ledger, tables.")
    var keepFailed = false

    func run() async throws {
        let kinds = try kinds()
        guard atOnce > 0, (runs ?? 1) > 0 else { throw ValidationError("--runs and --at-once are at least 1.") }
        let suite = FaultSuite(
            seeds: Self.seeds(common, runs),
            kinds: kinds,
            only: only,
            atOnce: atOnce,
            keepsFailed: keepFailed
        )
        let json = common.json
        try await Session.run { (logs: String) in try await suite.run(logs: logs, json: json) }
    }

    private static func seeds(_ common: CommonOptions, _ runs: Int?) -> [UInt64] {
        (0..<(runs ?? (common.quick ? 3 : 100))).map { common.seed + UInt64($0) }
    }

    /// Among the others, with what they choose when nothing is said.
    static func measure(_ common: CommonOptions) async throws {
        let suite = FaultSuite(
            seeds: seeds(common, nil),
            kinds: FaultKind.allCases,
            only: nil,
            atOnce: 3,
            keepsFailed: false
        )
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "sluice-bench-\(ProcessInfo.processInfo.processIdentifier)"
        ).path(percentEncoded: false)
        try await suite.run(logs: folder, json: nil)
    }

    private func kinds() throws -> [FaultKind] {
        guard let only else { return FaultKind.allCases }
        let names = only.split(separator: ",")
        let kinds = FaultKind.allCases.filter { kind in names.contains { kind.rawValue.hasPrefix($0) } }
        guard !kinds.isEmpty else { throw ValidationError("--only: nothing is called \(only); see --help.") }
        return kinds
    }
}
