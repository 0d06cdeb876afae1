import AWS
import Capacity
import Directory
import Dispatching
import Foundation
import Gateway
import Glibc
import Identities
import Logging
import Metrics
import Outbound
import Outbox
import Postgres
import Reports
import Reputation
import Sealing
import ServiceLifecycle
import Telemetry
import UnixSignals
import Webhooks

/// One running process: its services in the order of their dependence. They start in that order and stop in reverse, each
/// after everything that needs it has ended.
struct Node {
    /// Lists and usage that are read at once.
    private static let searches = 4

    let configuration: NodeConfiguration
    let database: PostgresConfiguration
    let metrics: PrometheusMetrics
    let logger: Logger
    /// What the process is called in tables, metrics and logs.
    var name = NodeName.make()
    /// Where AWS credentials are looked for.
    var credentials = CredentialSettings.process()
    /// Run before all others and stopped after them.
    var foundations: [any Service] = []
    /// Called when both listeners accept connections, with the public port.
    var onReady: @Sendable (Int) async -> Void = { _ in }
    private let listeners = SupervisorService.Listeners()

    func run() async throws {
        let pool = PostgresPool(
            database,
            configuration: PostgresPoolConfiguration(maxConnections: 16),
            logger: logger
        )
        let readiness = Readiness(checks: ["database", "encryption"])
        let (privacy, keeping) = try self.privacy(pool: pool, readiness: readiness)
        let directory = DirectoryCache(pool: pool, logger: logger)
        let readings = NodeReadings(
            metrics,
            node: name,
            roles: configuration.roles,
            readiness: readiness
        )
        readings.add(pool, named: "main")
        readings.add(directory)
        let uses = KeyUses(pool: pool, logger: logger)
        let keys = KeyServices(store: KeyStore(pool: pool), uses: uses) { _ = try? await directory.refresh() }
        let sessions = SessionStore(pool: pool)
        let dashboards = self.dashboards(sessions: sessions, directory: directory, pool: pool)
        let tracer = configuration.tracing.map { Tracer(sample: $0.sample) }
        if let tracer { readings.add(tracer) }
        let hints = QueueHints(pool: pool, logger: logger)
        var dispatch: DispatchService?
        var dispatching: [any Service] = []
        if configuration.roles.contains(.dispatch) {
            let (parts, service) = try self.dispatch(
                pool: pool,
                directory: directory,
                hints: hints,
                vault: privacy.vault,
                tracer: tracer,
                readings: readings
            )
            dispatching = try parts + identities(pool: pool, directory: directory)
            dispatch = service
        }
        let trouble = self.trouble(pool: pool, dispatch: dispatch, hints: hints)
        var services: [any Service] = foundations
        services += [
            pool,
            SchemaGate(pool: pool, database: database, directory: directory, readiness: readiness, logger: logger),
            directory,
            PartitionKeeper(postgres: database, pool: pool, retention: configuration.retention, logger: logger),
            StorageWatch(pool: pool, logger: logger),
            FeedSequencer(postgres: database, pool: pool, logger: logger),
            TestMailAnswers(pool: pool, logger: logger),
            uses,
            UsageCounter(pool: pool, logger: logger),
            ReputationGuard(pool: pool, logger: logger),
            dashboards.operators.live,
            OperatorServer(
                configuration: gateway,
                admin: AdminServices(
                    directory: directory,
                    accounts: DirectoryStore(pool: pool),
                    tenants: DirectoryStore(pool: pool),
                    keys: keys,
                    cluster: ClusterReader(pool: pool),
                    queue: QueueReader(pool: pool),
                    audit: AuditReader(pool: pool),
                    feedback: FeedbackReader(pool: pool),
                    storage: StorageCheck(pool: pool),
                    usage: UsageReader(pool: pool),
                    reports: ReportReader(pool: pool),
                    domains: IdentityStore(pool: pool),
                    standings: standings(pool),
                    privacy: PrivacyServices(
                        erasures: ErasureStore(pool: pool, pseudonyms: privacy.pseudonyms),
                        retention: RetentionStore(pool: pool),
                        export: TenantExport(pool: pool, vault: privacy.vault),
                        notes: AuditNotes(pool: pool)
                    ),
                    trouble: trouble,
                    health: HealthReader(pool: pool, missingAfter: configuration.feedbackMissingAfter)
                ),
                dashboard: dashboards.operators,
                readiness: readiness,
                metrics: metrics,
                logger: logger,
                onBound: { [listeners] _ in listeners.note() }
            ),
        ]
        services += keeping
        services += try tracing(tracer)
        services.append(hints)
        services += dispatching
        if configuration.roles.contains(.webhooks) {
            services += try webhooks(pool: pool, vault: privacy.vault, tracer: tracer)
        }
        var feedback: FeedbackHandling?
        if configuration.roles.contains(.feedback) {
            let (taking, handling) = try self.feedback(
                pool: pool,
                directory: directory,
                tracer: tracer,
                readings: readings
            )
            services += taking
            feedback = handling
        }
        let isPublic = configuration.roles.contains(.gateway) || feedback != nil
        if isPublic {
            services += publicSide(
                pool: pool,
                directory: directory,
                keys: keys,
                readiness: readiness,
                dispatch: dispatch,
                hints: hints,
                feedback: feedback,
                privacy: privacy,
                dashboard: dashboards.tenants,
                tracer: tracer,
                readings: readings
            )
        }
        // The last, so that it hears first of a stop.
        if let supervisor = SupervisorService(
            readiness: readiness,
            listeners: listeners,
            expected: isPublic ? 2 : 1,
            logger: logger
        ) {
            services.append(supervisor)
        }
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = configuration.shutdownGrace
        try await ServiceGroup(configuration: group).run()
    }

    private func standings(_ pool: PostgresPool) -> StandingServices {
        StandingServices(reader: StandingReader(pool: pool), resumer: StandingResumer(pool: pool))
    }

    private var gateway: GatewayConfiguration {
        var gateway = GatewayConfiguration()
        gateway.publicAddress = configuration.publicListener
        gateway.operatorAddress = configuration.operatorListener
        gateway.trustedProxies = configuration.trustedProxies
        gateway.publicURL = configuration.publicURL
        gateway.fit(openFiles: sysconf(Int32(_SC_OPEN_MAX)))
        return gateway
    }

    private func dispatch(
        pool: PostgresPool,
        directory: DirectoryCache,
        hints: QueueHints,
        vault: Vault,
        tracer: Tracer?,
        readings: NodeReadings
    ) throws -> ([any Service], DispatchService) {
        let http = try HTTPClient(logger: logger)
        // Kept for good: on a server whose connections are all taken, a new one could not be had.
        var single = PostgresPoolConfiguration(maxConnections: 1)
        single.maxLifetime = .seconds(365 * 86_400)
        let renewals = PostgresPool(database, configuration: single, logger: logger)
        let leases = LeaseKeeper(
            pool: pool,
            renewals: renewals,
            node: name,
            roles: configuration.roles.map(\.rawValue),
            unknownGrace: configuration.unknownGrace,
            http: http,
            logger: logger
        )
        let settler = Settler(pool: pool, logger: logger)
        readings.add(renewals, named: "lease")
        readings.add(leases)
        readings.add(settler)
        let service = DispatchService(
            postgres: database,
            pool: pool,
            directory: directory,
            leases: leases,
            settler: settler,
            hints: hints,
            http: http,
            credentials: credentials,
            unknownGrace: configuration.unknownGrace,
            publicURL: configuration.publicURL,
            vault: vault,
            tracer: tracer,
            logger: logger
        )
        return ([HTTPClientService(client: http), renewals, leases, settler, service], service)
    }

    private func publicSide(
        pool: PostgresPool,
        directory: DirectoryCache,
        keys: KeyServices,
        readiness: Readiness,
        dispatch: DispatchService?,
        hints: QueueHints,
        feedback: FeedbackHandling?,
        privacy: PrivacyParts,
        dashboard: DashboardServices,
        tracer: Tracer?,
        readings: NodeReadings
    ) -> [any Service] {
        var services: [any Service] = []
        var tenants: TenantServices?
        if configuration.roles.contains(.gateway) {
            let onCommit: AcceptWriter.CommitHandler = { signs in
                hints.note(dispatch.map { $0.note(signs) } ?? signs)
            }
            // Of its own, so that nobody's reading keeps accepting waiting.
            let accepting = PostgresPool(
                database,
                configuration: PostgresPoolConfiguration(maxConnections: 3),
                logger: logger
            )
            let writer = AcceptWriter(
                pool: accepting,
                vault: privacy.vault,
                pseudonyms: privacy.pseudonyms,
                logger: logger,
                onCommit: onCommit
            )
            readings.add(accepting, named: "accept")
            readings.add(writer)
            let rates = RequestRates()
            let feed = FeedReader(pool: pool)
            let watch = FeedWatch(reader: feed, logger: logger)
            // Their own connections: what looks for mail must not keep any from being accepted.
            let few = PostgresPoolConfiguration(maxConnections: Self.searches)
            let searches = PostgresPool(database, configuration: few, logger: logger)
            readings.add(searches, named: "lists")
            services += [
                searches, accepting, writer, watch,
                ReportMailer(
                    pool: pool,
                    searches: searches,
                    writer: writer,
                    publicURL: configuration.publicURL,
                    logger: logger
                ) { directory.current },
                RateExchange(pool: pool, rates: rates, node: name, logger: logger),
                WaitingCount(
                    pool: pool,
                    limits: {
                        directory.current.map { $0.limits.mapValues(\.accept).filter { !$0.value.isEmpty } }
                    },
                    logger: logger
                ),
            ]
            tenants = TenantServices(
                directory: directory,
                rates: rates,
                acceptor: writer,
                reader: MessageReader(pool: pool, missingAfter: configuration.feedbackMissingAfter),
                canceler: Cancellation(pool: pool),
                feed: feed,
                watch: watch,
                suppressions: SuppressionStore(pool: pool, pseudonyms: privacy.pseudonyms),
                webhooks: WebhookServices(
                    endpoints: EndpointStore(pool: pool, vault: privacy.vault),
                    deliveries: DeliveryLog(pool: pool),
                    replays: ReplayStore(pool: pool),
                    allowsHTTP: configuration.webhooks.allowHTTP
                ),
                templates: TemplateServices(store: TemplateStore(pool: pool), shelf: TemplateShelf(pool: pool)),
                broadcasts: BroadcastWriter(
                    pool: pool,
                    vault: privacy.vault,
                    pseudonyms: privacy.pseudonyms,
                    logger: logger,
                    onCommit: onCommit
                ),
                keys: keys,
                lists: ListReader(pool: searches),
                usage: UsageReader(pool: searches),
                contents: ContentReader(pool: pool, vault: privacy.vault),
                reports: ReportReader(pool: searches),
                domains: IdentityStore(pool: pool),
                standings: standings(pool),
                erasures: ErasureStore(pool: pool, pseudonyms: privacy.pseudonyms)
            )
        }
        let server = PublicServer(
            configuration: gateway,
            services: tenants,
            feedback: feedback,
            unsubscribe: UnsubscribeServices(
                directory: directory,
                store: UnsubscribeStore(pool: pool, pseudonyms: privacy.pseudonyms)
            ),
            dashboard: dashboard,
            readiness: readiness,
            metrics: metrics,
            tracer: tracer,
            logger: logger,
            onBound: { [listeners, onReady] port in
                listeners.note()
                await onReady(port)
            }
        )
        return services + [dashboard.live, server]
    }
}

/// Names a process for its leases: the host, and something that no other process has.
enum NodeName {
    static func make() -> String {
        let host = ProcessInfo.processInfo.hostName.prefix(64)
        return "\(host)-\(String(UInt32.random(in: .min ... .max), radix: 36))"
    }
}
