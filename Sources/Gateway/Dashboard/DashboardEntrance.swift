import HTTPTypes
import Hummingbird

/// One listener's dashboard: who gets in, and the group of routes behind.
struct DashboardEntrance: Sendable {
    let gate: SessionGate
    let directory: any DirectorySource
    /// Of tenants: their pages count in their rates as their other requests do; nil: nothing is counted.
    var limits: RateLimitMiddleware?
    let admit: PageMiddleware.Admission

    /// Adds the way in and out.
    ///
    /// - Returns: where pages are added, for those who are signed in.
    func add(to group: RouterGroup<GatewayContext>) -> RouterGroup<PageContext> {
        let open = group.group("dashboard").add(middleware: PageShieldMiddleware())
        SignInRoutes(gate: gate, directory: directory, admit: admit).add(to: open)
        let known = open.group().add(middleware: PageMiddleware(gate: gate, admit: admit))
        let pages = (limits.map { known.add(middleware: $0) } ?? known).group(context: PageContext.self)
        pages.get("session") { _, _ in Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
        return pages
    }
}
