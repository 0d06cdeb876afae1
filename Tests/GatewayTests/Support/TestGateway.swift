import Directory
import Logging
import ServiceLifecycle
import Telemetry

@testable import Gateway

/// A running public listener on a free port of loopback.
struct TestGateway {
    let port: Int
    let store: TestStore
    let webhooks: TestWebhooks
    let suppressions: TestSuppressions
    let templates: TestTemplates
    let broadcasts: TestBroadcasts
    let lists: TestLists
    let domains: TestDomains
    let standings: TestStandings
    let unsubscribes: TestUnsubscribes
    let privacy: TestPrivacy
    let feed: TestFeed
    let keys: TestKeys
    let sessions: TestSessions
    let watch: FeedWatch
    let directory: TestDirectory
    let rates: RequestRates
    let readiness: Readiness
    let metrics: PrometheusMetrics
    let server: PublicServer
    let shutdown: @Sendable () async -> Void

    /// Runs `body` beside the listener, which is then stopped gracefully.
    ///
    /// - Parameters:
    ///   - isTenantAPI: whether it serves tenants.
    ///   - feedback: what it does with notifications; nil: it takes none.
    ///   - isDashboard: whether it has the tenants' pages.
    static func run(
        isLoaded: Bool = true,
        isTenantAPI: Bool = true,
        feedback: FeedbackHandling? = nil,
        isDashboard: Bool = false,
        limits: FeedWatch.Limits = FeedWatch.Limits(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        var configuration = GatewayConfiguration()
        configuration.publicAddress = ListenAddress(host: "127.0.0.1", port: 0)
        configure(&configuration)
        let store = TestStore()
        let directory = TestDirectory(isLoaded: isLoaded)
        let readiness = Readiness()
        readiness.advance(to: .ready)
        readiness.set("database", .passing)
        let metrics = PrometheusMetrics(declarations: GatewayConfiguration.metricDeclarations)
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let webhooks = TestWebhooks()
        let suppressions = TestSuppressions()
        let templates = TestTemplates()
        let broadcasts = TestBroadcasts()
        let lists = TestLists()
        let domains = TestDomains()
        let standings = TestStandings()
        let unsubscribes = TestUnsubscribes()
        let privacy = TestPrivacy()
        let feed = TestFeed()
        let keys = TestKeys()
        let watch = FeedWatch(reader: feed, limits: limits, logger: logger)
        let rates = RequestRates()
        let sessions = TestSessions()
        let live = LiveDesk(sessions: sessions, directory: directory, logger: logger)
        let services = TenantServices(
            directory: directory,
            rates: rates,
            acceptor: store,
            reader: store,
            canceler: store,
            feed: feed,
            watch: watch,
            suppressions: suppressions,
            webhooks: WebhookServices(endpoints: webhooks, deliveries: webhooks, replays: webhooks),
            templates: TemplateServices(store: templates, shelf: templates),
            broadcasts: broadcasts,
            keys: keys.services,
            lists: lists,
            usage: lists,
            contents: lists,
            reports: lists,
            domains: domains,
            standings: standings,
            erasures: privacy
        )
        let server = PublicServer(
            configuration: configuration,
            services: isTenantAPI ? services : nil,
            feedback: feedback,
            unsubscribe: UnsubscribeServices(directory: directory, store: unsubscribes),
            dashboard: isDashboard ? DashboardServices(sessions: sessions, live: live, reader: TestLive()) : nil,
            readiness: readiness,
            metrics: metrics,
            logger: logger,
            onBound: { continuation.yield($0) }
        )
        let group = ServiceGroup(configuration: .init(services: [watch, live, server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            if let port = await ports.first(where: { _ in true }) {
                try await body(
                    TestGateway(
                        port: port,
                        store: store,
                        webhooks: webhooks,
                        suppressions: suppressions,
                        templates: templates,
                        broadcasts: broadcasts,
                        lists: lists,
                        domains: domains,
                        standings: standings,
                        unsubscribes: unsubscribes,
                        privacy: privacy,
                        feed: feed,
                        keys: keys,
                        sessions: sessions,
                        watch: watch,
                        directory: directory,
                        rates: rates,
                        readiness: readiness,
                        metrics: metrics,
                        server: server,
                        shutdown: { await group.triggerGracefulShutdown() }
                    )
                )
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// One request on a connection of its own.
    func request(
        _ method: String,
        _ path: String,
        key: String? = TestDirectory.apaKey,
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> TestAnswer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let key { text += "Authorization: Bearer \(key)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return try await exchange(Array((text + "\r\n" + (body ?? "")).utf8))
    }

    /// One request with a JSON body.
    func json(
        _ method: String,
        _ path: String,
        _ body: String?,
        key: String? = TestDirectory.apaKey
    ) async throws -> TestAnswer {
        try await request(method, path, key: key, headers: ["Content-Type": "application/json"], body: body)
    }

    /// `POST /send` with a JSON body.
    func send(_ body: String, key: String? = TestDirectory.apaKey) async throws -> TestAnswer {
        try await request("POST", "/send", key: key, headers: ["Content-Type": "application/json"], body: body)
    }

    /// Sends bytes as they are, then says that no more come, and reads one answer.
    func exchange(_ bytes: [UInt8], half: Bool = false) async throws -> TestAnswer {
        try await TestConnection.with(port: port) { connection in
            try await connection.write(bytes)
            if half { try await connection.finish() }
            return try await connection.answer()
        }
    }
}
