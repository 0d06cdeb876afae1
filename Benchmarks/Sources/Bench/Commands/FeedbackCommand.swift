import ArgumentParser
import Measure

struct FeedbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback",
        abstract: "Whether every message ends in what SES says happened to it, and how fast events are taken and told."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Messages through the simulator, with its feedback node killed twice.")
    var messages: Int?

    func run() async throws {
        let (common, messages) = (common, messages)
        try await Session.run { try await Self.measure(common, messages, $0) }
    }

    static func measure(_ common: CommonOptions, _ messages: Int?, _ server: DatabaseServer) async throws {
        let run = FeedbackRun(
            messages: messages ?? (common.quick ? 300 : 100_000),
            rate: 500,
            kills: common.quick ? 1 : 2,
            seed: common.seed,
            server: server
        )
        Terminal.progress("\(run.messages) messages, \(run.kills) kills")
        let result = try await run.run()
        Terminal.line(result.summary)
        for line in result.wrong.prefix(20) { Terminal.line("  wrong: \(line)") }
        // An hour of 500,000 mails a day.
        let backlog = try await BacklogRun(
            messages: common.quick ? 200 : 20_834,
            clients: 16,
            seed: common.seed,
            server: server
        ).run()
        Terminal.line(backlog.summary)
        let cells = FeedbackFigures(run: result, backlog: backlog)
        try await Session.write([cells], command: "feedback", settings: ["seed": "\(common.seed)"], to: common.json)
        guard result.wrong.isEmpty, backlog.unapplied == 0 else {
            throw Failure("what SES said and what is known differ")
        }
    }
}
