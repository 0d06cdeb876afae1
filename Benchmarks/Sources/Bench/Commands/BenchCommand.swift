import ArgumentParser

@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks/run",
        abstract: "Measure Sluice: real processes, a PostgreSQL of this run's own, and the SES simulator.",
        subcommands: [
            LimitCommand.self, AcceptCommand.self, DispatchCommand.self, NeighbourCommand.self, HorizonCommand.self,
            ExactnessCommand.self, BorrowCommand.self, CostCommand.self, FeedbackCommand.self, WebhookCommand.self,
            FloodCommand.self, WallCommand.self, PageCommand.self, FaultsCommand.self, MixedCommand.self,
            ListCommand.self, AllCommand.self, ReportCommand.self,
        ]
    )
}
