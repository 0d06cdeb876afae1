import Dashboard
import Directory
import Hummingbird

/// A tenant's dashboard. Its pages change nothing: their scripts call the tenant API.
struct TenantPages: Sendable {
    let services: TenantServices
    let live: LiveDesk
    let entrance: DashboardEntrance
    private let configuration: GatewayConfiguration
    private let turns: TenantTurns

    /// - Parameters:
    ///   - limits: those of the tenants' other requests.
    ///   - turns: those of searches, because pages read through the same connections.
    init(
        services: TenantServices,
        dashboard: DashboardServices,
        configuration: GatewayConfiguration,
        limits: RateLimitMiddleware,
        turns: TenantTurns
    ) {
        self.services = services
        self.configuration = configuration
        self.turns = turns
        live = dashboard.live
        let gate = SessionGate(sessions: dashboard.sessions, audience: .tenants, configuration: configuration)
        let authentication = AuthenticationMiddleware(
            directory: services.directory,
            uses: services.keys.uses,
            proxies: configuration.trustedProxies
        )
        entrance = DashboardEntrance(gate: gate, directory: services.directory, limits: limits) {
            key,
            request,
            context in
            guard let snapshot = services.directory.current else { throw Problem.databaseUnavailable() }
            _ = try authentication.admit(key, by: snapshot, request, &context)
        }
    }

    /// Of the API's calls from these pages.
    var gate: SessionGate { entrance.gate }

    func add(to group: RouterGroup<GatewayContext>) {
        let pages = entrance.add(to: group)
        let reading = pages.group().add(middleware: PageTurnMiddleware(turns: turns))
        FigurePages(services: services).add(to: reading)
        MailPages(services: services, live: live).add(to: reading)
        ToolPages(services: services).add(to: reading)
        TemplatePages(services: services, configuration: configuration).add(to: reading)
        LiveEventPages(services: services, live: live).add(to: reading)
    }
}

/// Makes a tenant's pages wait for their turn, so that nobody's pages keep others' mail waiting.
private struct PageTurnMiddleware: RouterMiddleware {
    let turns: TenantTurns

    func handle(
        _ request: Request,
        context: PageContext,
        next: @concurrent (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        try await turns.with(try context.tenantCaller().tenant.id) { try await next(request, context) }
    }
}
