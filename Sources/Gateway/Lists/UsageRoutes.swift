import Directory
import FoundationEssentials
import Hummingbird
import Outbox

/// `GET /usage`: what the tenant used, and what its lanes get now.
struct UsageRoutes: Sendable {
    let usage: any UsageReading

    func add(to group: RouterGroup<TenantContext>) {
        group.get("usage") { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try UsageQuery(request, now: Date())
        return try await query.answer(from: usage, of: context.tenant, directory: context.directory)
    }
}

/// `GET /admin/tenants/{name}/usage`: the same, for an admin.
struct UsageAdminRoutes: Sendable {
    let services: AdminServices

    func add(to group: RouterGroup<AdminContext>) {
        group.get("tenants/:name/usage") { request, context in try await usage(request, context) }
    }

    private func usage(_ request: Request, _ context: AdminContext) async throws -> Response {
        let query = try UsageQuery(request, now: Date())
        let directory = try await services.latestDirectory()
        guard let tenant = directory.tenant(named: context.name) else {
            throw Problem.notFound("there is no tenant '\(context.name)'")
        }
        return try await query.answer(from: services.usage, of: tenant, directory: directory)
    }
}
