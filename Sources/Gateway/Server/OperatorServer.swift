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
    private let readiness: Readiness
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - admin: without it there is no admin API.
    ///   - onBound: called with the port once connections are accepted.
    public init(
        configuration: GatewayConfiguration,
        admin: AdminServices? = nil,
        readiness: Readiness,
        metrics: PrometheusMetrics,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.admin = admin
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
        } onGracefulShutdown: { [readiness] in
            readiness.advance(to: .draining)
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
        if let admin { AdminRoutes(services: admin, configuration: configuration).add(to: router) }
        return router
    }
}
