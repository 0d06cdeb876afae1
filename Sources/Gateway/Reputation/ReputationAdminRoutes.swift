import Coding
import Directory
import Hummingbird
import Reputation

/// `/admin/reputation`: everybody's standing, and the end of a tenant's pause.
struct ReputationAdminRoutes: Sendable {
    let services: AdminServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        group.get("reputation") { request, _ in try await list(request) }
        group.post("reputation/resume") { request, context in try await resume(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request, filters: ["account", "state"])
        let account = query.filters["account"]
        if let account { _ = try await services.account(account) }
        let state = try query.filters["state"].map { text in
            guard let state = StandingState(rawValue: text) else {
                let names = StandingState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.invalidQuery, "state is '\(text)'; known are \(names)")
            }
            return state
        }
        let standings = try await services.standings.all()
            .filter { (account ?? $0.account) == $0.account && (state ?? $0.state) == $0.state }
            .sorted { $0.id < $1.id }
        return Response(query.page(of: standings, by: \.id).json(\.adminJSON))
    }

    private func resume(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.read(
            ResumeOrder.self,
            from: request,
            context: context,
            code: .invalidResume
        )
        guard let tenant = try await services.latestDirectory().tenant(named: wanted.tenant) else {
            throw Problem.notFound("there is no tenant '\(wanted.tenant)'")
        }
        do {
            let accounts = try await services.standings.resume(
                tenantID: tenant.id,
                account: wanted.account,
                by: .admin,
                actor: context.actor
            )
            return Response(.object([("resumed", .array(accounts.map(JSONValue.string)))]))
        } catch let refusal as StandingResumer.Refusal {
            throw Problem(refusal)
        }
    }
}

/// The body of `POST /admin/reputation/resume`.
private struct ResumeOrder: Decodable {
    let tenant: String
    /// Nil: every account.
    let account: String?

    private enum Keys: String, CodingKey, CaseIterable {
        case tenant, account
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        tenant = try members.decode(String.self, forKey: .tenant)
        account = try members.decodeIfPresent(String.self, forKey: .account)
    }
}
