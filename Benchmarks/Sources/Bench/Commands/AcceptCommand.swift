import ArgumentParser
import Measure

struct AcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b2",
        abstract: "Durable acceptance: POST /send and /send/batch beside queue libraries and the database's own limit.",
        discussion: "Every round measures every system once, so that what else the machine does falls on all of them."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Rounds, of which the median counts (default 5).")
    var rounds: Int?

    @Flag(name: .long, help: "Leave the queue libraries out.")
    var alone = false

    func run() async throws {
        let (common, rounds, alone) = (common, rounds, alone)
        try await Session.run { try await Self.measure(common, rounds: rounds, isAlone: alone, $0) }
    }

    static func measure(
        _ common: CommonOptions,
        rounds: Int?,
        isAlone: Bool,
        _ server: DatabaseServer
    ) async throws {
        let rounds = max(1, rounds ?? (common.quick ? 1 : 5))
        let peers = isAlone ? [] : try await PeerLibrary.installed()
        let seconds = common.quick ? 0.5 : 6
        var figures = AcceptFigures(accepted: [], limit: [])
        for round in 1...rounds {
            Terminal.progress("round \(round) of \(rounds)")
            figures.limit += try await limit(seconds / 2, common, server)
            figures.accepted += try await ours(seconds, common, server)
            for library in peers {
                for batch in [1, 100] {
                    let run = PeerAcceptRun(library: library, batch: batch, seconds: seconds, server: server)
                    let result = try await run.run()
                    Terminal.line(result.summary)
                    figures.accepted.append(result)
                }
            }
        }
        let settings = [
            "rounds": "\(rounds)", "each": "\(Figures.decimals(seconds, 1)) s", "body": "2 KiB",
            "server": try await server.settings(),
        ]
        try await Session.write([figures], command: "b2", settings: settings, to: common.json)
    }

    /// The best of what B1 measures, in the same run.
    private static func limit(
        _ seconds: Double,
        _ common: CommonOptions,
        _ server: DatabaseServer
    ) async throws -> [LimitResult] {
        try await LimitDatabase.with(server) { database in
            var results: [LimitResult] = []
            for way in [LimitRun.Way.inserts(1), .inserts(100), .inserts(500)] {
                for clients in common.quick ? [4] : way.batch == 1 ? [64] : [4, 16] {
                    let run = LimitRun(way: way, clients: clients, seconds: seconds, server: server)
                    let result = try await run.run(in: database)
                    Terminal.line("pgbench, \(result.summary)")
                    results.append(result)
                }
            }
            return results
        }
    }

    private static func ours(
        _ seconds: Double,
        _ common: CommonOptions,
        _ server: DatabaseServer
    ) async throws -> [AcceptResult] {
        func run(
            _ roles: AcceptRun.Roles,
            batch: Int? = nil,
            connections: Int = 64,
            rate: Double? = nil
        ) async throws -> AcceptResult? {
            let run = AcceptRun(
                roles: roles,
                batch: batch,
                connections: connections,
                rate: rate,
                seconds: seconds,
                seed: common.seed,
                server: server
            )
            guard let result = try await run.run() else {
                Terminal.line("skipped: the program that is measured does not serve POST /send/batch")
                return nil
            }
            Terminal.line(result.summary)
            return result
        }
        let single = try await run(.gateway)
        let others = [
            // At 70 % of what it can do, so that the latency is that of the work and not that of a queue.
            try await run(.gateway, rate: (single?.perSecond ?? 100) * 0.7),
            try await run(.gateway, batch: 100, connections: 8),
            try await run(.all),
        ]
        return ([single] + others).compactMap(\.self)
    }
}
