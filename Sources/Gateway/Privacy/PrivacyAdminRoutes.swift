import Directory
import HTTPTypes
import Hummingbird

/// What an admin may do about a tenant's data: `erasures`, `retention` and `export` below `/admin/tenants/{name}`.
struct PrivacyAdminRoutes: Sendable {
    let services: AdminServices
    let privacy: PrivacyServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        let tenants = group.group("tenants")
        tenants.post(":name/erasures") { request, context in try await erase(request, context) }
        tenants.get(":name/erasures/:id") { request, context in try await erasure(request, context) }
        tenants.get(":name/retention") { request, context in try await retention(request, context) }
        tenants.put(":name/retention") { request, context in try await setRetention(request, context) }
        tenants.get(":name/export") { request, context in try await export(request, context) }
    }

    private func erase(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let tenant = try await services.tenant(context.name)
        let wanted = try await bodies.read(
            ErasureRequest.self,
            from: request,
            context: context,
            code: .invalidErasure
        )
        let erasure = try await privacy.erasures.start(wanted.email, tenantID: tenant.id, actor: context.actor)
        return Response(erasure.json, status: .accepted)
    }

    private func erasure(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let tenant = try await services.tenant(context.name)
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }),
            let erasure = try await privacy.erasures.erasure(id.uuid, tenantID: tenant.id)
        else { throw Problem.notFound("the tenant has no such erasure") }
        return Response(erasure.json)
    }

    private func retention(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        return Response(try await privacy.retention.wish(tenantID: try await services.tenant(context.name).id).json)
    }

    private func setRetention(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let tenant = try await services.tenant(context.name)
        let wanted = try await bodies.read(
            RetentionRequest.self,
            from: request,
            context: context,
            code: .invalidRetention
        )
        try await privacy.retention.set(wanted.wish, tenantID: tenant.id, actor: context.actor)
        return Response(wanted.wish.json)
    }

    /// Written as it is read, so that a large tenant takes no more memory than a small one. The audit knows of it before the first
    /// line goes out.
    private func export(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let tenant = try await services.tenant(context.name)
        try await privacy.notes.note(
            action: "export",
            object: "tenant \(tenant.name)",
            detail: "",
            actor: context.actor
        )
        let export = privacy.export
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: .lines { write in try await export.run(tenantID: tenant.id, write: write) }
        )
    }
}
