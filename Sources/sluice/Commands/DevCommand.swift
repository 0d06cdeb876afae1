import AWS
import ArgumentParser
import DevDatabase
import Directory
import Foundation
import Gateway
import Logging
import Postgres
import ServiceLifecycle
import Simulator

struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run everything on this machine: a private PostgreSQL, an SES simulator, and a node with all roles.",
        discussion: "Applies the file's accounts and tenants to an empty database; `sluice apply` changes them later."
    )

    @OptionGroup var options: NodeOptions

    @Flag(name: .long, help: "Start over: remove the data of earlier starts.")
    var fresh = false

    @Option(name: .long, help: "Where the data are kept.")
    var folder = "var"

    @Option(name: .long, help: "How long the simulated SES takes to answer, such as 30ms..80ms.")
    var latency = "20ms..60ms"

    func run() async throws {
        let loader = ConfigurationLoader()
        let file = try loader.file(loader.path(flag: options.config))
        let configuration = try loader.node(options)
        LogSetup.bootstrap()
        let logger = Logger(label: "sluice")
        let folder = DevFolder(path: folder)
        try folder.prepare()
        let simulated = Self.simulated(file.directory.accounts)
        try Ports.requireFree(
            [configuration.publicListener, configuration.operatorListener]
                + (simulated.map { [ListenAddress(host: "127.0.0.1", port: $0.port)] } ?? [])
        )
        if fresh { try await folder.clear() }
        let server = try await startDatabase(configuration, folder: folder, logger: logger)
        do {
            try await run(configuration, file: file, folder: folder, server: server, logger: logger)
        } catch {
            await server?.stop()
            throw error
        }
        await server?.stop()
    }

    private func startDatabase(
        _ configuration: NodeConfiguration,
        folder: DevFolder,
        logger: Logger
    ) async throws -> PrivatePostgres? {
        guard configuration.database == .own || configuration.database == nil else { return nil }
        let server = PrivatePostgres(configuration: .init(folder: folder.database), logger: logger)
        Output.line("starting PostgreSQL")
        try await server.start()
        try await server.createDatabase("sluice")
        return server
    }

    private func run(
        _ configuration: NodeConfiguration,
        file: ConfigurationFile,
        folder: DevFolder,
        server: PrivatePostgres?,
        logger: Logger
    ) async throws {
        let database =
            try server.map { try DatabaseAccess.connection($0.connectionString(database: "sluice")) }
            ?? DatabaseAccess.configuration(configuration)
        let connection = try await PostgresConnection.connect(database)
        try await DatabaseAccess.migrator().migrate(on: connection) { Output.line($0.line) }
        await connection.close()
        let keys = try await PostgresPool.withPool(database, logger: logger) { pool in
            if try await DirectoryLoader.load(pool).tenants.isEmpty {
                let plan = try await DirectoryStore(pool: pool).apply(file.directory, actor: "dev")
                for change in plan.changes { Output.line(change) }
            }
            return try await DevKeys(folder: folder, pool: pool).all()
        }
        let simulator = try simulator(for: file.directory.accounts, configuration, folder: folder, logger: logger)
        var trusting = configuration
        if let simulator { trusting.trustedCertificates.append(simulator.certificate) }
        var node = Node(
            configuration: trusting,
            database: database,
            metrics: MetricsSetup.bootstrap(),
            logger: logger
        )
        node.credentials = Self.credentials()
        if let simulator { node.foundations = [simulator.server] }
        node.onReady = { port in
            let banner = DevBanner(
                publicPort: port,
                operatorAddress: "\(configuration.operatorListener)",
                simulatorURL: simulator?.url,
                databaseURL: server?.connectionString(database: "sluice"),
                keys: keys,
                keysFile: folder.keysFile,
                directory: file.directory
            )
            Output.line(banner.text)
        }
        try await node.run()
    }

    /// The first account whose endpoint is on this machine: the one that is simulated.
    private static func simulated(_ accounts: [AccountDocument]) -> (account: AccountDocument, port: Int)? {
        for account in accounts {
            guard let endpoint = account.endpoint, let url = URL(string: endpoint), let port = url.port,
                ["127.0.0.1", "localhost"].contains(url.host() ?? "")
            else { continue }
            return (account, port)
        }
        return nil
    }

    private func simulator(
        for accounts: [AccountDocument],
        _ configuration: NodeConfiguration,
        folder: DevFolder,
        logger: Logger
    ) throws -> (server: SimulatorServer, url: String?, certificate: String)? {
        guard let (account, port) = Self.simulated(accounts) else { return nil }
        var options = SimulatorOptions(port: port)
        if case .fixed(let rate, let daily, _) = account.quota {
            options.rate = rate
            options.daily = Int(daily)
        }
        options.latency = try LatencyRange(parsing: latency)
        // The same account is told, over the way that SNS takes.
        var events = EventOptions(topicARN: account.snsTopics.first ?? EventOptions.defaultTopic)
        events.topic = .init(
            url: "http://\(configuration.publicListener)/feedback/sns/\(account.name)",
            key: try SigningCertificate.load(path: folder.simulatorCertificate)
        )
        options.events = events
        let certificate = SigningCertificate.certificatePath(of: folder.simulatorCertificate)
        return (try SimulatorServer(options: options, logger: logger), account.endpoint, certificate)
    }

    /// The process's credentials, or ones that only the simulator takes.
    private static func credentials() -> CredentialSettings {
        var settings = CredentialSettings.process()
        if settings.environment["AWS_ACCESS_KEY_ID"] == nil, settings.environment["AWS_PROFILE"] == nil {
            settings.environment["AWS_ACCESS_KEY_ID"] = "AKIDSIMULATOR"
            settings.environment["AWS_SECRET_ACCESS_KEY"] = "for-the-simulator-only"
        }
        return settings
    }
}
