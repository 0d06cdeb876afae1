import Hummingbird
public import Logging
public import ServiceLifecycle
public import Telemetry

/// The listener for everybody: tenant API and health. There is no admin API and there are no metrics on it.
public struct PublicServer: Service {
    private let configuration: GatewayConfiguration
    private let services: TenantServices
    private let readiness: Readiness
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// `onBound` is called with the port once connections are accepted.
    public init(
        configuration: GatewayConfiguration,
        services: TenantServices,
        readiness: Readiness,
        metrics: PrometheusMetrics,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.services = services
        self.readiness = readiness
        self.metrics = metrics
        self.logger = logger
        self.onBound = onBound
    }

    /// Serves until it is told to stop, and then says so in the readiness. Throws `GatewayError`.
    public func run() async throws {
        let listener = Listener(
            name: "public",
            address: configuration.publicAddress,
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
        let router = Router.gateway(listener: "public", metrics: metrics)
        HealthRoutes(readiness: readiness).add(to: router)
        let tenants = router.group()
            .add(middleware: DrainingMiddleware(readiness: readiness))
            .add(middleware: AuthenticationMiddleware(directory: services.directory))
            .group(context: TenantContext.self)
        SendRoutes(acceptor: services.acceptor, configuration: configuration).add(to: tenants)
        MessageRoutes(reader: services.reader, canceler: services.canceler).add(to: tenants)
        router.refuseOtherMethods()
        return router
    }
}
