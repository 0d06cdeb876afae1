import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail

/// `/admin/tenants` and `/admin/tenants/{name}`.
struct TenantRoutes: Sendable {
    let services: AdminServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        let tenants = group.group("tenants")
        tenants.get { request, _ in try await list(request) }
        tenants.get(":name") { request, context in try await get(request, context) }
        tenants.put(":name") { request, context in try await put(request, context) }
        tenants.delete(":name") { request, context in try await delete(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request)
        let tenants = try await services.latestDirectory().tenants.values.sorted { $0.name < $1.name }
        return Response(query.page(of: tenants, by: \.name).json { .object($0.members) })
    }

    private func get(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        return try await answer(context.name)
    }

    private func put(_ request: Request, _ context: AdminContext) async throws -> Response {
        let isDryRun = try RequestQuery.isDryRun(request)
        let version = try IfMatch.condition(request.headers) ?? .any
        let settings = try await bodies.read(
            TenantSettings.self,
            from: request,
            context: context,
            code: .invalidTenant
        )
        if let name = settings.name, name != context.name {
            throw Problem(
                .invalidTenant,
                "/name: a tenant keeps its name",
                errors: [ValidationFailure(pointer: "/name", detail: "a tenant keeps its name")]
            )
        }
        let change: AccountChange
        do {
            change = try await services.tenants.putTenant(
                try settings.document(name: context.name),
                version: version,
                dryRun: isDryRun,
                actor: context.actor
            )
        } catch let error as DirectoryError where error.code == .invalid {
            throw Problem(.invalidTenant, error.message)
        }
        if isDryRun { return Response(change.json) }
        return try await answer(context.name, status: change.isNew ? .created : .ok, changes: change)
    }

    private func delete(_ request: Request, _ context: AdminContext) async throws -> Response {
        let isDryRun = try RequestQuery.isDryRun(request)
        let change = try await services.tenants.removeTenant(
            context.name,
            version: try IfMatch.condition(request.headers) ?? .any,
            dryRun: isDryRun,
            actor: context.actor
        )
        return isDryRun ? Response(change.json) : Response(status: .noContent)
    }

    private func answer(
        _ name: String,
        status: HTTPResponse.Status = .ok,
        changes: AccountChange? = nil
    ) async throws -> Response {
        let tenant = try await services.tenant(name)
        var members = tenant.members
        if let changes { members.append(("changes", changes.list)) }
        var response = Response(.object(members), status: status)
        response.headers[.eTag] = "\"\(tenant.version)\""
        if status == .created { response.headers[.location] = "/admin/tenants/\(name)" }
        return response
    }
}

extension Tenant {
    /// The tenant as configured, in the members that `PUT` takes.
    fileprivate var members: [(String, JSONValue)] {
        let regions = routes.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value.path)) }
        return [
            ("name", .string(name)),
            ("display_name", .string(displayName)),
            ("from_domains", .array(fromDomains.map(JSONValue.string))),
            ("regions", .object(regions)),
            ("default_region", .string(defaultRegion)),
            (
                "limits",
                .object([
                    ("api_rate", .number(limits.apiRate)), ("queued", .number(limits.queued)),
                    ("daily", .number(limits.daily)),
                ])
            ),
            ("unknown_policy", .string(unknownPolicy.rawValue)),
            ("one_click_unsubscribe", .bool(oneClickUnsubscribe)),
            ("status", .string(status.rawValue)),
            ("shared_domains", .array(sharedDomains.map(JSONValue.string))),
            ("senders", .verbatim(rules.json)),
            ("report", .verbatim(report?.json ?? "null")),
            ("version", .number(version)),
        ]
    }
}
