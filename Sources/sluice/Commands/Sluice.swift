import ArgumentParser

/// The command line.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "A multi-tenant sending gateway in front of Amazon SES.",
        subcommands: [
            DevCommand.self, ServeCommand.self, MigrateCommand.self, ApplyCommand.self, TenantCommand.self,
            KeyCommand.self, AccountCommand.self, SharesCommand.self, LoansCommand.self, NodesCommand.self,
            QueueCommand.self, TopCommand.self, ReportCommand.self, ReputationCommand.self, SuppressionCommand.self,
            WebhookCommand.self,
            VerifyQuotaCommand.self,
            EncryptionCommand.self, RestoredCommand.self, DoctorCommand.self,
            SimulatorCommand.self,
        ]
    )
}
