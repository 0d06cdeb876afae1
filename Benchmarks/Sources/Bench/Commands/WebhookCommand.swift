import ArgumentParser
import Measure

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Event to webhook at 99 quick endpoints, beside one that hangs for 15 s and without it."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let common = common
        try await Session.run { try await Self.measure(common, $0) }
    }

    static func measure(_ common: CommonOptions, _ server: DatabaseServer) async throws {
        let (seconds, rate) = (common.quick ? 5.0 : 30, 20)
        var results: [WebhookResult] = []
        // In turn, so that what else the machine does falls on both.
        for isBesideHanging in common.quick ? [false, true] : [false, true, false, true] {
            Terminal.progress(isBesideHanging ? "one hangs" : "all quick")
            let run = WebhookRun(isBesideHanging: isBesideHanging, rate: rate, seconds: seconds, server: server)
            let result = try await run.run()
            Terminal.line(result.summary)
            results.append(result)
        }
        let settings = ["events": "\(rate)/s", "measured": "\(Int(seconds)) s"]
        try await Session.write(results, command: "webhooks", settings: settings, to: common.json)
    }
}
