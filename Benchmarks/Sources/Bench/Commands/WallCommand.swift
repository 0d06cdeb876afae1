import ArgumentParser
import Measure

struct WallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "walls",
        abstract: "What row-level security and sealed bodies cost acceptance and dispatch.",
        discussion: """
            Each round measures every variant once. The one without row-level security is another build of the program, made with
            Benchmarks/without-walls.patch, which makes all statements work as the owner of the tables.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Rounds, of which the median counts (default 5).")
    var rounds: Int?

    @Option(name: .long, help: "The program that was built with Benchmarks/without-walls.patch.")
    var without: String?

    func run() async throws {
        let (common, rounds, without) = (common, rounds, without)
        try await Session.run { try await Self.measure(common, rounds: rounds, without: without, $0) }
    }

    static func measure(
        _ common: CommonOptions,
        rounds: Int?,
        without: String?,
        _ server: DatabaseServer
    ) async throws {
        let rounds = max(1, rounds ?? (common.quick ? 1 : 5))
        let seconds = common.quick ? 0.5 : 5
        let results = Collected<WallResult>()
        for round in 1...rounds {
            Terminal.progress("round \(round) of \(rounds)")
            for variant in WallResult.Variant.allCases where variant != .unwalled || without != nil {
                let run = WallRun(
                    variant: variant,
                    program: variant == .unwalled ? without : nil,
                    seconds: seconds,
                    seed: common.seed,
                    server: server
                )
                let result = try await run.run()
                Terminal.line(result.summary)
                results.add(result)
            }
        }
        let settings = [
            "rounds": "\(rounds)", "single": "\(Figures.decimals(seconds, 1)) s",
            "batches": "\(Figures.decimals(seconds / 2, 1)) s", "body": "2 KiB", "quota": "100000/s",
            "server": try await server.settings(),
        ]
        try await Session.write(results.all, command: "walls", settings: settings, to: common.json)
    }
}
