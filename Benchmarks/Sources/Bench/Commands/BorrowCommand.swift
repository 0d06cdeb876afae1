import ArgumentParser
import Measure

struct BorrowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "b8",
        abstract: "Borrow-back: how soon the owner of lent credits has them when it wakes."
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Wakings for each number of nodes.")
    var repetitions = 40

    func run() async throws {
        let (common, repetitions) = (common, repetitions)
        try await Session.run { try await Self.measure(repetitions, common, $0) }
    }

    static func measure(_ repetitions: Int, _ common: CommonOptions, _ server: DatabaseServer) async throws {
        let repetitions = common.quick ? 2 : repetitions
        var results: [BorrowResult] = []
        let settings = ["seed": "\(common.seed)", "wakings": "\(repetitions)"]
        for nodes in common.quick ? [2] : [1, 2] {
            let run = BorrowRun(nodes: nodes, repetitions: repetitions, seed: common.seed, server: server)
            let result = try await run.run { Terminal.progress("\(nodes) nodes, \($0)") }
            Terminal.line("b8, \(nodes) nodes: \(result.summary)")
            results.append(result)
        }
        try await Session.write(results, command: "b8", settings: settings, to: common.json)
    }
}
