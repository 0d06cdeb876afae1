import Directory
import HTTPTypes
import Hummingbird

/// `/admin/accounts` and `/admin/accounts/{name}`, with `/pause` and `/resume`.
struct AccountRoutes: Sendable {
    let services: AdminServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        let accounts = group.group("accounts")
        accounts.get { request, _ in try await list(request) }
        accounts.get(":name") { request, context in try await get(request, context) }
        accounts.put(":name") { request, context in try await put(request, context) }
        accounts.post(":name/pause") { request, context in try await setPaused(true, request, context) }
        accounts.post(":name/resume") { request, context in try await setPaused(false, request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request)
        let accounts = try await services.latestDirectory().accounts.values.sorted { $0.name < $1.name }
        return Response(query.page(of: accounts, by: \.name).json { .object($0.members) })
    }

    private func get(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        return try await answer(context.name)
    }

    private func put(_ request: Request, _ context: AdminContext) async throws -> Response {
        let isDryRun = try RequestQuery.isDryRun(request)
        let version = try IfMatch.condition(request.headers) ?? .any
        let settings = try await bodies.read(
            AccountSettings.self,
            from: request,
            context: context,
            code: .invalidAccount
        )
        let change: AccountChange
        do {
            change = try await services.accounts.putAccount(
                context.name,
                settings,
                version: version,
                dryRun: isDryRun,
                actor: context.actor
            )
        } catch let error as DirectoryError where error.code == .invalidShares {
            throw Problem.shares(error) { _ in "/quota/rate" }
        }
        if isDryRun { return Response(change.json) }
        return try await answer(context.name, status: change.isNew ? .created : .ok, changes: change)
    }

    private func setPaused(_ isPaused: Bool, _ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let change = try await services.accounts.setPaused(
            account: context.name,
            isPaused,
            version: try IfMatch.condition(request.headers) ?? .any,
            actor: context.actor
        )
        return try await answer(context.name, changes: change)
    }

    private func answer(
        _ name: String,
        status: HTTPResponse.Status = .ok,
        changes: AccountChange? = nil
    ) async throws -> Response {
        let account = try await services.account(name)
        var members = account.members
        members.append(("live", try await services.cluster.figures(of: account).json))
        if let changes { members.append(("changes", changes.list)) }
        var response = Response(.object(members), status: status).tagged(account)
        if status == .created { response.headers[.location] = "/admin/accounts/\(name)" }
        return response
    }
}
