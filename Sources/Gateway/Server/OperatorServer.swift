import APIText
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
public import Telemetry

/// The listener for those who run the gateway: admin API, metrics and health.
public struct OperatorServer: Service {
    private let configuration: GatewayConfiguration
    private let admin: AdminServices?
    private let dashboard: DashboardServices?
    private let readiness: Readiness
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - admin: without it there is no admin API.
    ///   - dashboard: without it there are no pages.
    ///   - onBound: called with the port once connections are accepted.
    public init(
        configuration: GatewayConfiguration,
        admin: AdminServices? = nil,
        dashboard: DashboardServices? = nil,
        readiness: Readiness,
        metrics: PrometheusMetrics,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.admin = admin
        self.dashboard = dashboard
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
        self.onBound = onBound
    }

    /// Serves until it is told to stop, and then says so in the readiness. Throws `GatewayError`.
    public func run() async throws {
        let listener = Listener(
            name: "operator",
            address: configuration.operatorAddress,
            configuration: configuration,
            logger: logger,
            onBound: onBound
        )
        try await withGracefulShutdownHandler {
            try await listener.run(router())
        } onGracefulShutdown: { [readiness, dashboard] in
            readiness.advance(to: .draining)
            dashboard?.live.drain()
        }
    }

    func router() -> Router<GatewayContext> {
        let router = routes()
        router.refuseOtherMethods()
        return router
    }

    /// What the document describes, each path with its own methods.
    func routes() -> Router<GatewayContext> {
        let router = Router.gateway(listener: "operator", metrics: metrics)
        HealthRoutes(readiness: readiness).add(to: router)
        DocumentationRoutes(site: DocumentationSite(Fragments.admin, server: "/")).add(to: router)
        router.get("metrics") { [metrics] _, _ in
            Response(
                status: .ok,
                headers: [.contentType: PrometheusMetrics.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: metrics.render()))
            )
        }
        guard let admin else { return router }
        let pages = dashboard.map { OperatorPages(services: admin, dashboard: $0, configuration: configuration) }
        pages?.add(to: router)
        AdminRoutes(services: admin, configuration: configuration, gate: pages?.gate).add(to: router)
        return router
    }
}
