import ArgumentParser
import Measure

struct NeighbourCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b5",
        abstract:
            "The noisy neighbour: accept to SES of small tenants, alone and beside millions of another's queued rows."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Rows that the large tenant has queued.")
    var backlog: Int?

    func run() async throws {
        let (common, backlog) = (common, backlog)
        try await Session.run { try await Self.measure(common, backlog, $0) }
    }

    static func measure(_ common: CommonOptions, _ backlog: Int?, _ server: DatabaseServer) async throws {
        let run = NeighbourRun(
            tenants: common.quick ? 20 : 300,
            backlog: backlog ?? (common.quick ? 20_000 : 5_000_000),
            seconds: common.quick ? 3 : 30,
            windows: common.quick ? 1 : 5,
            server: server
        )
        let results = Collected<NeighbourResult>()
        try await run.run { result in
            Terminal.line(result.summary)
            results.add(result)
        }
        let settings = ["small tenants": "\(run.tenants) at 1/s", "window": "\(Int(run.seconds)) s"]
        try await Session.write(results.all, command: "b5", settings: settings, to: common.json)
    }
}
