import ArgumentParser
import Measure

struct FloodCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flood",
        abstract: "A tenant's accept latency, alone and beside one that asks for ten times its rate."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Requests a second that the flooding tenant may make.")
    var limit: Int?

    @Option(name: .long, help: "How many times as many it makes.")
    var times = 10.0

    func run() async throws {
        let (common, limit, times) = (common, limit, times)
        try await Session.run { server in try await Self.measure(common, limit: limit, times: times, server) }
    }

    static func measure(
        _ common: CommonOptions,
        limit: Int?,
        times: Double,
        _ server: DatabaseServer
    ) async throws {
        let run = FloodRun(
            limit: limit ?? (common.quick ? 20 : 200),
            times: times,
            rate: common.quick ? 50 : 300,
            seconds: common.quick ? 3 : 15,
            windows: common.quick ? 1 : 9,
            seed: common.seed,
            server: server
        )
        let results = Collected<FloodResult>()
        try await run.run { result in
            Terminal.line(result.summary)
            results.add(result)
        }
        if let moved = FloodResult.moved(results.all) {
            let percent = Figures.decimals(moved * 100, 1)
            Terminal.line("p99 beside the flood: \(percent) % longer (the goal: less than 20 %)")
        }
        let settings = [
            "flood": "\(run.times) times \(run.limit)/s", "looked at": "\(Int(run.rate))/s",
            "window": "\(Int(run.seconds)) s",
        ]
        try await Session.write(results.all, command: "flood", settings: settings, to: common.json)
    }
}
