import Directory
import FoundationEssentials
import Hummingbird

/// `/admin/tenants/{name}/keys`: any tenant's keys, without bounds to what they may do.
struct TenantKeyRoutes: Sendable {
    let services: AdminServices
    let requests: KeyRequests

    func add(to group: RouterGroup<AdminContext>) {
        let keys = group.group("tenants/:name/keys")
        keys.get { request, context in try await requests.list(request, caller(context)) }
        keys.post { request, context in try await requests.create(request, caller(context)) }
        keys.get(":id") { request, context in try await requests.get(request, id(context), caller(context)) }
        keys.patch(":id") { request, context in try await requests.change(request, id(context), caller(context)) }
        keys.delete(":id") { request, context in try await requests.revoke(request, id(context), caller(context)) }
        keys.post(":id/rotate") { request, context in
            try await requests.rotate(request, id(context), caller(context))
        }
    }

    private func caller(_ context: AdminContext) async throws -> KeyRequests.Caller {
        let tenant = try await services.tenant(context.name)
        return KeyRequests.Caller(
            tenant: tenant.name,
            holder: .tenant(tenant.id, onlyTest: false),
            maker: nil,
            actor: context.actor,
            record: context.record,
            path: "/admin/tenants/\(tenant.name)/keys"
        )
    }

    private func id(_ context: AdminContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }) else { throw Problem.keyNotFound() }
        return id.uuid
    }
}
