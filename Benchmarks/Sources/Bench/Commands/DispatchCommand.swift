import ArgumentParser
import Measure

struct DispatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b3",
        abstract: "How fast ready rows are dispatched to SES, and what each of them costs."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Rows that are ready (default 200000).")
    var rows: Int?

    @Option(name: .long, help: "Runs at each latency, of which the median counts (default 5).")
    var runs: Int?

    @Flag(name: .long, help: "Leave the queue libraries out.")
    var alone = false

    func run() async throws {
        let (common, rows, runs, alone) = (common, rows, runs, alone)
        try await Session.run { try await Self.measure(common, rows: rows, runs: runs, isAlone: alone, $0) }
    }

    static func measure(
        _ common: CommonOptions,
        rows: Int?,
        runs: Int?,
        isAlone: Bool,
        _ server: DatabaseServer
    ) async throws {
        let rows = rows ?? (common.quick ? 2000 : 200_000)
        let runs = runs ?? (common.quick ? 1 : 5)
        let peers = PeerDispatch(
            libraries: isAlone ? [] : try await PeerLibrary.installed(),
            clients: common.quick ? ["aiohttp"] : ["boto3", "aiohttp"],
            backlog: common.quick ? 500 : rows,
            seconds: common.quick ? 5 : 8,
            server: server
        )
        try await peers.fill()
        var results: [DispatchResult] = []
        // In turn, so that what else the machine does falls on both.
        for number in 1...max(1, runs) {
            for latency in ["0ms", "30ms"] {
                Terminal.progress("\(rows) rows at \(latency), run \(number) of \(runs)")
                let result = try await DispatchRun(rows: rows, latency: latency, server: server).run()
                Terminal.line(result.summary)
                results.append(result)
                if !common.quick || latency == "0ms" { results += try await peers.measure(latency) }
            }
        }
        try await peers.drop()
        let settings = [
            "rows": "\(rows)", "body": "2 KiB", "quota": "100000/s", "runs": "\(runs)",
            "libraries": "\(Int(peers.seconds)) s at most", "server": try await server.settings(),
        ]
        try await Session.write(results, command: "b3", settings: settings, to: common.json)
        guard results.allSatisfy({ $0.sentOnce == $0.rows }) else {
            throw Failure("a row was not sent, or was sent twice")
        }
    }
}
