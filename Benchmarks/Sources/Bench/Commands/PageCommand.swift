import ArgumentParser
import Measure

struct PageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pages",
        abstract: "CPU of a node, and of its database, while a page of the dashboard is open."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let common = common
        try await Session.run { try await Self.measure(common, $0) }
    }

    static func measure(_ common: CommonOptions, _ server: DatabaseServer) async throws {
        let seconds = common.quick ? 2.0 : 10
        let results = Collected<PageResult>()
        // A tenant has a lane in each of three shares.
        for (tenants, posted) in common.quick ? [(1, [20])] : [(1, [0, 20]), (334, [0])] {
            let run = PageRun(
                tenants: tenants,
                posted: posted,
                seconds: seconds,
                rounds: common.quick ? 1 : 2,
                server: server
            )
            try await run.run { result in
                Terminal.line(result.summary)
                results.add(result)
            }
        }
        for cost in PageResult.costs(results.all) { Terminal.line(cost.summary) }
        let settings = ["nodes": "1", "measured": "\(Int(seconds)) s"]
        try await Session.write(results.all, command: "pages", settings: settings, to: common.json)
    }
}
