import Hummingbird
public import Logging
public import ServiceLifecycle
public import Telemetry

/// The listener for everybody: tenant API, feedback from SNS, and health. There is no admin API and there are no metrics on
/// it.
public struct PublicServer: Service {
    private let configuration: GatewayConfiguration
    private let services: TenantServices?
    private let feedback: FeedbackHandling?
    private let readiness: Readiness
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - services: without them there is no tenant API.
    ///   - feedback: without it there is no way in for SNS.
    ///   - onBound: called with the port once connections are accepted.
    public init(
        configuration: GatewayConfiguration,
        services: TenantServices?,
        feedback: FeedbackHandling? = nil,
        readiness: Readiness,
        metrics: PrometheusMetrics,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.services = services
        self.feedback = feedback
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
        } onGracefulShutdown: { [readiness, services] in
            readiness.advance(to: .draining)
            services?.watch.drain()
        }
    }

    func router() -> Router<GatewayContext> {
        let router = Router.gateway(listener: "public", metrics: metrics)
        HealthRoutes(readiness: readiness).add(to: router)
        let open = router.group().add(middleware: DrainingMiddleware(readiness: readiness))
        if let feedback { FeedbackRoutes(configuration: configuration, handle: feedback).add(to: open) }
        if let services { add(services, to: open) }
        router.refuseOtherMethods()
        return router
    }

    private func add(_ services: TenantServices, to group: RouterGroup<GatewayContext>) {
        let tenants = group.group()
            .add(middleware: AuthenticationMiddleware(directory: services.directory))
            .group(context: TenantContext.self)
        let bodies = BodyReader(configuration, maximumBytes: Self.settingsBytes)
        SendRoutes(
            acceptor: services.acceptor,
            templates: services.templates.shelf,
            configuration: configuration
        ).add(to: tenants)
        BroadcastRoutes(
            acceptor: services.broadcasts,
            templates: services.templates.shelf,
            configuration: configuration
        ).add(to: tenants)
        TemplateRoutes(services: services.templates, configuration: configuration).add(to: tenants)
        MessageRoutes(reader: services.reader, canceler: services.canceler).add(to: tenants)
        EventRoutes(reader: services.feed, watch: services.watch).add(to: tenants)
        SuppressionRoutes(store: services.suppressions, bodies: bodies).add(to: tenants)
        WebhookRoutes(services: services.webhooks, bodies: bodies).add(to: tenants)
        DeliveryRoutes(services: services.webhooks, bodies: bodies).add(to: tenants)
        if let erasures = services.erasures { ErasureRoutes(store: erasures, bodies: bodies).add(to: tenants) }
    }

    /// Bodies that hold settings and no mail.
    private static let settingsBytes = 64 << 10
}
