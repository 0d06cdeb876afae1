import Directory
import Hummingbird

/// `/admin/tenants` and `/admin/tenants/{name}`, for reading.
struct TenantRoutes: Sendable {
    let services: AdminServices

    func add(to group: RouterGroup<AdminContext>) {
        let tenants = group.group("tenants")
        tenants.get { request, _ in try await list(request) }
        tenants.get(":name") { request, context in try await get(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<String>(request)
        let tenants = try await services.latestDirectory().tenants.values.sorted { $0.name < $1.name }
        return Response(query.page(of: tenants, by: \.name).json(\.json))
    }

    private func get(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let tenant = try await services.latestDirectory().tenant(named: context.name) else {
            throw Problem.notFound("there is no tenant '\(context.name)'")
        }
        return Response(tenant.json)
    }
}

extension Tenant {
    /// The tenant as configured.
    fileprivate var json: JSONValue {
        let regions = routes.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value.path)) }
        return .object([
            ("name", .string(name)),
            ("display_name", .string(displayName)),
            ("from_domains", .array(fromDomains.map(JSONValue.string))),
            ("regions", .object(regions)),
            ("default_region", .string(defaultRegion)),
            ("unknown_policy", .string(unknownPolicy.rawValue)),
            ("one_click_unsubscribe", .bool(oneClickUnsubscribe)),
            ("status", .string(status.rawValue)),
        ])
    }
}
