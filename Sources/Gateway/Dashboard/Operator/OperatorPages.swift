import Dashboard
import Directory
import FoundationEssentials
import Hummingbird

/// The operator's dashboard. Its pages change nothing: their scripts call the admin API.
struct OperatorPages: Sendable {
    let services: AdminServices
    let live: LiveDesk
    let reader: any LiveReading
    let entrance: DashboardEntrance
    private let readings: OperatorReadings

    init(services: AdminServices, dashboard: DashboardServices, configuration: GatewayConfiguration) {
        self.services = services
        readings = OperatorReadings(services: services)
        live = dashboard.live
        reader = dashboard.reader
        let gate = SessionGate(sessions: dashboard.sessions, audience: .admins, configuration: configuration)
        let authentication = AdminAuthenticationMiddleware(directory: services.directory, uses: services.keys.uses)
        entrance = DashboardEntrance(gate: gate, directory: services.directory) { key, _, context in
            guard let snapshot = services.directory.current else { throw Problem.databaseUnavailable() }
            try authentication.admit(key, by: snapshot, &context)
        }
    }

    /// Of the API's calls from these pages.
    var gate: SessionGate { entrance.gate }

    func add(to router: Router<GatewayContext>) {
        let pages = entrance.add(to: router.group())
        OverviewRoutes(services: services, live: live, readings: readings).add(to: pages)
        AccountPageRoutes(services: services, live: live, reader: reader, readings: readings).add(to: pages)
        QueuePageRoutes(services: services, readings: readings).add(to: pages)
        HealthPageRoutes(services: services, readings: readings).add(to: pages)
        DirectoryPageRoutes(services: services, live: live).add(to: pages)
        ReportPageRoutes(services: services).add(to: pages)
        if let trouble = services.trouble {
            TroublePageRoutes(services: services, trouble: trouble).add(to: pages)
        }
    }
}

extension PageContext {
    /// A page in the operator's frame.
    func operatorPage(_ page: DashboardPage) -> Response {
        let label = admin?.label ?? ""
        let frame = OperatorFrame.frame(holder: label.isEmpty ? "admin" : label, csrfToken: session.csrfToken)
        return Response(page: frame.page(page))
    }

    /// News of a topic, for as long as the session and its key last.
    func news(_ live: LiveDesk, of topic: String, make: @escaping LiveDesk.Make) throws -> Response {
        .news(try live.news(of: topic, for: session, make: make)) { [record] in try record.recheck() }
    }
}
