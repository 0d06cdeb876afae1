import Dashboard
import Directory
import FoundationEssentials
import Hummingbird

/// `/dashboard` of the operator.
struct OverviewRoutes: Sendable {
    /// Accounts that are shown; each costs some statements while somebody looks.
    private static let mostAccounts = 24

    let services: AdminServices
    let live: LiveDesk
    let readings: OperatorReadings

    func add(to pages: RouterGroup<PageContext>) {
        pages.get { _, context in context.operatorPage(try await overview().page) }
        pages.get("live/overview") { _, context in
            try context.news(live, of: "overview") { try await overview().parts }
        }
    }

    private func overview() async throws -> OverviewPage {
        guard let directory = services.directory.current else { throw Problem.databaseUnavailable() }
        let accounts = directory.accounts.values.sorted { $0.name < $1.name }
        var lines: [OverviewPage.AccountLine] = []
        for account in accounts.prefix(Self.mostAccounts) {
            lines.append(.init(account: account, figures: try await readings.figures(of: account, directory)))
        }
        return OverviewPage(
            accounts: lines,
            more: max(0, accounts.count - Self.mostAccounts),
            nodes: try await services.cluster.nodes(),
            alarms: try await services.feedback.alarms(),
            findings: try await readings.findings(),
            standings: try await services.standings.all(),
            webhooks: try await readings.failingEndpoints(),
            gaps: try await readings.gaps(),
            now: Date()
        )
    }
}
