import ArgumentParser
import Measure

struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "CPU of a node that leads and of one that doesn't, by the number of lanes."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let common = common
        try await Session.run { try await Self.measure(common, $0) }
    }

    static func measure(_ common: CommonOptions, _ server: DatabaseServer) async throws {
        let seconds = common.quick ? 2.0 : 20
        var results: [CostResult] = []
        // A tenant has a lane in each of three shares.
        for tenants in common.quick ? [10] : [0, 34, 334] {
            let run = CostRun(tenants: tenants, posted: [0, 20], seconds: seconds, server: server)
            Terminal.progress("\(run.lanes) lanes")
            try await run.run { result in
                Terminal.line("\(result.lanes) lanes, \(result.posted) messages/s: \(result.summary)")
                results.append(result)
            }
        }
        let settings = ["nodes": "2", "quota": "100/s", "measured": "\(Int(seconds)) s"]
        try await Session.write(results, command: "cost", settings: settings, to: common.json)
    }
}
