import ArgumentParser
import Measure

struct MixedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b4",
        abstract: "Accepting, sending, feedback and webhooks at once, at an even rate: how long each step takes."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Messages a second (default 1000).")
    var rate = 1000

    func run() async throws {
        let (common, rate) = (common, rate)
        try await Session.run { try await Self.measure(common, rate: rate, $0) }
    }

    static func measure(_ common: CommonOptions, rate: Int, _ server: DatabaseServer) async throws {
        let seconds = common.quick ? 5.0 : 60
        var results: [MixedResult] = []
        for number in 1...(common.quick ? 1 : 5) {
            Terminal.progress("\(rate)/s, run \(number)")
            let result = try await MixedRun(rate: rate, seconds: seconds, server: server).run()
            Terminal.line(result.summary)
            results.append(result)
        }
        let settings = ["latency of SES": "30 ms", "body": "2 KiB", "measured": "\(Int(seconds)) s"]
        try await Session.write(results, command: "b4", settings: settings, to: common.json)
        guard results.allSatisfy({ $0.sent == $0.accepted }) else { throw Failure("something accepted was not sent") }
    }
}
