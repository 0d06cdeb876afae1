import ArgumentParser
import Logging
import Metrics

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a node.",
        discussion: "Accounts and tenants are not read from the file: they live in the database (see `apply`)."
    )

    @OptionGroup var options: NodeOptions

    func run() async throws {
        let configuration = try ConfigurationLoader().node(options)
        let database = try DatabaseAccess.configuration(configuration)
        LogSetup.bootstrap()
        let logger = Logger(label: "sluice")
        let node = Node(
            configuration: configuration,
            database: database,
            metrics: MetricsSetup.bootstrap(),
            logger: logger
        )
        try await node.run()
    }
}
