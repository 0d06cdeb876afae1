import Directory
import FoundationEssentials
import Hummingbird

/// `/keys`: the tenant's own keys, none of which can do more than the one that it was made with.
struct KeyRoutes: Sendable {
    let requests: KeyRequests

    func add(to group: RouterGroup<TenantContext>) {
        let keys = group.group("keys")
        keys.get { request, context in try await requests.list(request, caller(context)) }
        keys.post { request, context in try await requests.create(request, caller(context)) }
        keys.get(":id") { request, context in try await requests.get(request, id(context), caller(context)) }
        keys.patch(":id") { request, context in try await requests.change(request, id(context), caller(context)) }
        keys.delete(":id") { request, context in try await requests.revoke(request, id(context), caller(context)) }
        keys.post(":id/rotate") { request, context in
            try await requests.rotate(request, id(context), caller(context))
        }
    }

    /// A test key knows of test keys only, as it does of mail.
    private func caller(_ context: TenantContext) -> KeyRequests.Caller {
        KeyRequests.Caller(
            tenant: context.tenant.name,
            holder: .tenant(context.tenant.ownerID, onlyTest: context.tenant.isTest),
            maker: context.maker,
            actor: context.actor,
            record: context.record,
            path: "/keys"
        )
    }

    private func id(_ context: TenantContext) throws -> UUID {
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }) else { throw Problem.keyNotFound() }
        return id.uuid
    }
}
