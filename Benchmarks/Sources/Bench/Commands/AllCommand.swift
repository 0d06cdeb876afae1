import ArgumentParser

struct AllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "All benchmarks, one after the other. Writes no files."
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let common = common
        guard common.json == nil else { throw ValidationError("--json goes with one benchmark, not with all.") }
        try await Session.run { server in
            try await LimitCommand.measure(common, rounds: nil, server)
            try await AcceptCommand.measure(common, rounds: nil, isAlone: false, server)
            try await DispatchCommand.measure(common, rows: nil, runs: nil, isAlone: false, server)
            try await NeighbourCommand.measure(common, nil, server)
            try await FloodCommand.measure(common, limit: nil, times: 10, server)
            try await WallCommand.measure(common, rounds: nil, without: nil, server)
            try await HorizonCommand.measure(common, nil, server)
            try await ExactnessCommand.measure(ExactnessMatrix.cells(isQuick: common.quick), common, server)
            try await BorrowCommand.measure(40, common, server)
            try await CostCommand.measure(common, server)
            try await PageCommand.measure(common, server)
            try await MixedCommand.measure(common, rate: common.quick ? 100 : 1000, server)
            try await FeedbackCommand.measure(common, nil, server)
            try await WebhookCommand.measure(common, server)
            try await ListCommand.measure(common, nil, logs: server.folder)
            try await FaultsCommand.measure(common)
        }
    }
}
