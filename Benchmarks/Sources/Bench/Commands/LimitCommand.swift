import ArgumentParser
import Measure

struct LimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b1",
        abstract: "The limit: pgbench writing the rows of accepted messages, with nothing in front of PostgreSQL."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Rounds, of which the median counts (default 5).")
    var rounds: Int?

    func run() async throws {
        let (common, rounds) = (common, rounds)
        try await Session.run { try await Self.measure(common, rounds: rounds, $0) }
    }

    static func measure(_ common: CommonOptions, rounds: Int?, _ server: DatabaseServer) async throws {
        let rounds = max(1, rounds ?? (common.quick ? 1 : 5))
        let seconds = common.quick ? 1.0 : 3
        var results: [LimitResult] = []
        try await LimitDatabase.with(server) { database in
            for round in 1...rounds {
                for clients in common.quick ? [4] : [1, 2, 4, 16, 64] {
                    for way in [LimitRun.Way.inserts(1), .inserts(100), .inserts(500), .copy] {
                        Terminal.progress(
                            "round \(round) of \(rounds): \(way.name) of \(way.batch), \(clients) clients"
                        )
                        let run = LimitRun(way: way, clients: clients, seconds: seconds, server: server)
                        let result = try await run.run(in: database)
                        Terminal.line(result.summary)
                        results.append(result)
                    }
                }
            }
        }
        let settings = [
            "rounds": "\(rounds)", "each": "\(Int(seconds)) s", "body": "2 KiB", "server": try await server.settings(),
        ]
        try await Session.write(results, command: "b1", settings: settings, to: common.json)
    }
}
