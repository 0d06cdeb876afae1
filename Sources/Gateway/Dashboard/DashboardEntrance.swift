import HTTPTypes
import Hummingbird

/// One listener's dashboard: who gets in, and the group of routes behind.
struct DashboardEntrance: Sendable {
    let gate: SessionGate
    let directory: any DirectorySource
    let admit: PageMiddleware.Admission

    /// Adds the way in and out.
    ///
    /// - Returns: where pages are added, for those who are signed in.
    func add(to group: RouterGroup<GatewayContext>) -> RouterGroup<PageContext> {
        let open = group.group("dashboard").add(middleware: PageShieldMiddleware())
        SignInRoutes(gate: gate, directory: directory, admit: admit).add(to: open)
        let pages = open.group().add(middleware: PageMiddleware(gate: gate, admit: admit)).group(
            context: PageContext.self
        )
        pages.get("session") { _, _ in Response(status: .noContent, headers: [.cacheControl: "no-store"]) }
        return pages
    }
}
