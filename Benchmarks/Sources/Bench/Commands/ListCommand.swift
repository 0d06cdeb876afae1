import ArgumentParser
import Foundation
import Measure

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lists",
        abstract: "Finding mail among millions of messages: time and pages of each kind of query."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "How many messages there are (default 5,000,000; about 1.2 GB a million).")
    var messages: Int?

    func run() async throws {
        let (common, messages) = (common, messages)
        try await Session.run { (logs: String) in try await Self.measure(common, messages, logs: logs) }
    }

    /// With a server of its own, which counts pages by statement.
    static func measure(_ common: CommonOptions, _ messages: Int?, logs: String) async throws {
        let results = Collected<ListResult>()
        let messages = messages ?? (common.quick ? 20_000 : 5_000_000)
        let requests = common.quick ? 5 : 200
        try await DatabaseServer.with(ListRun.database, logs: logs) { server in
            let run = ListRun(messages: messages, requests: requests, seed: common.seed, server: server)
            try await run.run { result in
                Terminal.line(result.summary)
                results.add(result)
            }
        }
        let settings = ["days": "90", "requests": "\(requests) of each kind", "shared_buffers": "1GB"]
        try await Session.write(results.all, command: "lists", settings: settings, to: common.json)
    }
}
