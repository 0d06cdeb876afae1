import ArgumentParser
import Measure

struct HorizonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b6",
        abstract: "The pinned horizon: throughput beside a snapshot that is held for minutes, and without one."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Seconds for which the snapshot is held.")
    var seconds: Double?

    func run() async throws {
        let (common, seconds) = (common, seconds)
        try await Session.run { try await Self.measure(common, seconds, $0) }
    }

    static func measure(_ common: CommonOptions, _ seconds: Double?, _ server: DatabaseServer) async throws {
        let run = HorizonRun(
            rate: common.quick ? 200 : 1000,
            seconds: seconds ?? (common.quick ? 4 : 300),
            backlog: common.quick ? 5000 : 100_000,
            server: server
        )
        let results = Collected<HorizonResult>()
        try await run.run { result in
            Terminal.line(result.summary)
            results.add(result)
        }
        let settings = [
            "offered": "\(run.rate)/s for \(Int(run.seconds)) s", "backlog": "\(run.backlog) messages of 2 KiB",
        ]
        try await Session.write(results.all, command: "b6", settings: settings, to: common.json)
    }
}
