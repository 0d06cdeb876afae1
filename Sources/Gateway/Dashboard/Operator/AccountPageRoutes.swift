import Dashboard
import Directory
import Hummingbird

/// `/dashboard/accounts/{name}`.
struct AccountPageRoutes: Sendable {
    private static let ledger = 20

    let services: AdminServices
    let live: LiveDesk
    let reader: any LiveReading
    let readings: OperatorReadings

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("accounts/:name") { _, context in try await show(context) }
        pages.get("live/accounts/:name") { _, context in
            let name = context.name
            _ = try await services.account(name)
            let pulse = AccountPulse(account: name, services: services, reader: reader, readings: readings)
            return try context.news(live, of: "account \(name)") { AccountPage(view: try await pulse.view()).parts }
        }
    }

    private func show(_ context: PageContext) async throws -> Response {
        let account = try await services.account(context.name)
        let pulse = AccountPulse(account: account.name, services: services, reader: reader, readings: readings)
        let view = try await pulse.view()
        let ledger = try await services.cluster.loans(
            accountID: account.id,
            limit: Self.ledger,
            after: nil,
            before: nil
        )
        return context.operatorPage(AccountPage(view: view, ledger: ledger).page)
    }
}
