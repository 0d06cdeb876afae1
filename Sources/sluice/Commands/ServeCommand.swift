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
        let name = NodeName.make()
        var logger = Logger(label: "sluice")
        logger[metadataKey: "node"] = "\(name)"
        let node = Node(
            configuration: configuration,
            database: database,
            metrics: MetricsSetup.bootstrap(),
            logger: logger,
            name: name
        )
        try await node.run()
    }
}
