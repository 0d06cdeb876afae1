import APIText
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
    private let unsubscribe: UnsubscribeServices?
    private let dashboard: DashboardServices?
    private let readiness: Readiness
    private let metrics: PrometheusMetrics
    private let tracer: Tracer?
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - services: without them there is no tenant API.
    ///   - feedback: without it there is no way in for SNS.
    ///   - unsubscribe: without it links to unsubscribe lead nowhere.
    ///   - dashboard: without it there are no pages.
    ///   - tracer: records some requests; nil: none.
    ///   - onBound: called with the port once connections are accepted.
    public init(
        configuration: GatewayConfiguration,
        services: TenantServices?,
        feedback: FeedbackHandling? = nil,
        unsubscribe: UnsubscribeServices? = nil,
        dashboard: DashboardServices? = nil,
        readiness: Readiness,
        metrics: PrometheusMetrics,
        tracer: Tracer? = nil,
        logger: Logger,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.services = services
        self.feedback = feedback
        self.unsubscribe = unsubscribe
        self.dashboard = dashboard
        self.readiness = readiness
        self.metrics = metrics
        self.tracer = tracer
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
        } onGracefulShutdown: { [readiness, services, dashboard] in
            readiness.advance(to: .draining)
            services?.watch.drain()
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
        let router = Router.gateway(listener: "public", metrics: metrics)
        HealthRoutes(readiness: readiness).add(to: router)
        DocumentationRoutes(site: DocumentationSite(Fragments.tenant, server: configuration.publicURL ?? "/"))
            .add(to: router)
        let open = router.group().add(middleware: DrainingMiddleware(readiness: readiness))
        if let feedback { FeedbackRoutes(configuration: configuration, handle: feedback).add(to: open) }
        if let unsubscribe { UnsubscribeRoutes(services: unsubscribe, configuration: configuration).add(to: open) }
        if let services { add(services, to: open) }
        return router
    }

    private func add(_ services: TenantServices, to group: RouterGroup<GatewayContext>) {
        let limits = RateLimitMiddleware(
            rates: services.rates,
            places: TenantPlaces(most: configuration.maximumTenantRequests),
            standardRate: configuration.standardAPIRate
        )
        // One line for the API and the pages: a tenant's searches share few connections with everybody's.
        let searches = TenantTurns(most: configuration.maximumTenantSearches)
        let pages = dashboard.map {
            TenantPages(
                services: services,
                dashboard: $0,
                configuration: configuration,
                limits: limits,
                turns: searches
            )
        }
        pages?.add(to: group)
        let known = group.group()
            .add(
                middleware: AuthenticationMiddleware(
                    directory: services.directory,
                    uses: services.keys.uses,
                    proxies: configuration.trustedProxies,
                    gate: pages?.gate
                )
            )
            .add(middleware: limits)
            .add(middleware: ScopeMiddleware())
        let traced = tracer.map { known.add(middleware: TraceMiddleware(tracer: $0)) } ?? known
        let tenants = traced.group(context: TenantContext.self)
        let turns = TenantTurns(most: configuration.maximumTenantReads)
        let reading = tenants.group().add(middleware: TenantTurnMiddleware(turns: turns))
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
        TemplateRoutes(services: services.templates, configuration: configuration).add(to: reading)
        MessageRoutes(reader: services.reader, canceler: services.canceler).add(to: reading)
        ContentRoutes(contents: services.contents, templates: services.templates.shelf).add(to: reading)
        EventRoutes(reader: services.feed, watch: services.watch, turns: turns).add(to: tenants)
        SuppressionRoutes(store: services.suppressions, bodies: bodies).add(to: reading)
        ReputationRoutes(standings: services.standings, bodies: bodies).add(to: reading)
        WebhookRoutes(services: services.webhooks, bodies: bodies).add(to: reading)
        DeliveryRoutes(services: services.webhooks, bodies: bodies).add(to: reading)
        KeyRoutes(requests: KeyRequests(services: services.keys, bodies: bodies)).add(to: reading)
        let searching = tenants.group().add(middleware: TenantTurnMiddleware(turns: searches))
        ListRoutes(lists: services.lists).add(to: searching)
        UsageRoutes(usage: services.usage).add(to: searching)
        ReportRoutes(reports: services.reports).add(to: searching)
        RecipientExport(lists: services.lists, turns: searches).add(to: tenants)
        DomainRoutes(store: services.domains).add(to: reading)
        if let erasures = services.erasures { ErasureRoutes(store: erasures, bodies: bodies).add(to: reading) }
    }

    /// Bodies that hold settings and no mail.
    private static let settingsBytes = 64 << 10
}
