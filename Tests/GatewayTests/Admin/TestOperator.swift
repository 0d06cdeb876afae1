import Logging
import ServiceLifecycle
import Telemetry
import Webhooks

@testable import Gateway

/// A running operator listener with the admin API, on a free port of loopback.
struct TestOperator {
    let port: Int
    let services: AdminServices
    let administration: TestAdministration
    let feedback: TestFeedback
    let privacy: TestPrivacy
    let keys: TestKeys
    let lists: TestLists
    let domains: TestDomains
    let standings: TestStandings
    let sessions: TestSessions
    let trouble: TestTrouble
    let server: OperatorServer

    /// Runs `body` beside the listener, which is then stopped gracefully.
    static func run(_ body: (TestOperator) async throws -> Void) async throws {
        var configuration = GatewayConfiguration()
        configuration.operatorAddress = ListenAddress(host: "127.0.0.1", port: 0)
        let administration = try TestAdministration()
        let feedback = TestFeedback()
        let keys = TestKeys()
        let lists = TestLists()
        let domains = TestDomains()
        let standings = TestStandings()
        let privacy = TestPrivacy()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sessions = TestSessions()
        let trouble = TestTrouble()
        let replays = TestWebhooks()
        replays.set {
            $0.endpoints = [
                (1, TestWebhooks.endpoint(id: TestTrouble.endpoint, EndpointChange(url: "https://hooks.example/")))
            ]
        }
        let live = LiveDesk(sessions: sessions, directory: administration, logger: logger)
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let services = AdminServices(
            directory: administration,
            accounts: administration,
            tenants: administration,
            keys: keys.services,
            cluster: administration,
            queue: administration,
            audit: administration,
            feedback: feedback,
            storage: TestStorage(),
            usage: lists,
            reports: lists,
            domains: domains,
            standings: standings,
            privacy: PrivacyServices(erasures: privacy, retention: privacy, export: privacy, notes: privacy),
            trouble: TroubleServices(mail: trouble, again: trouble, webhooks: trouble, replays: replays),
            health: TestHealth()
        )
        let server = OperatorServer(
            configuration: configuration,
            admin: services,
            dashboard: DashboardServices(sessions: sessions, live: live, reader: TestLive()),
            readiness: Readiness(),
            metrics: PrometheusMetrics(declarations: GatewayConfiguration.metricDeclarations),
            logger: logger,
            onBound: { continuation.yield($0) }
        )
        let group = ServiceGroup(configuration: .init(services: [live, server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            if let port = await ports.first(where: { _ in true }) {
                try await body(
                    TestOperator(
                        port: port,
                        services: services,
                        administration: administration,
                        feedback: feedback,
                        privacy: privacy,
                        keys: keys,
                        lists: lists,
                        domains: domains,
                        standings: standings,
                        sessions: sessions,
                        trouble: trouble,
                        server: server
                    )
                )
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// One request as a browser makes it, without a key.
    func dashboard(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        _ body: String? = nil
    ) async throws -> TestAnswer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        text += "Content-Length: \(body?.utf8.count ?? 0)\r\n\r\n" + (body ?? "")
        return try await TestConnection.with(port: port) { [text] connection in
            try await connection.write(text.utf8)
            return try await connection.answer()
        }
    }

    /// One request on a connection of its own; a body is sent as JSON.
    func request(
        _ method: String,
        _ path: String,
        key: String? = TestDirectory.adminKey,
        ifMatch: String? = nil,
        type: String = "application/json",
        _ body: String? = nil
    ) async throws -> TestAnswer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let key { text += "Authorization: Bearer \(key)\r\n" }
        if let ifMatch { text += "If-Match: \(ifMatch)\r\n" }
        if let body { text += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
        text += "\r\n" + (body ?? "")
        return try await TestConnection.with(port: port) { [text] connection in
            try await connection.write(text.utf8)
            return try await connection.answer()
        }
    }
}
