import Directory
import HTTPTypes
import Hummingbird
import Identities
import Mail

/// `/domains`: the tenant's own senders, how they stand, and which DNS records to publish. With a test key they are those of the
/// tenant behind it.
struct DomainRoutes: Sendable {
    let store: any DomainKeeping

    func add(to group: RouterGroup<TenantContext>) {
        let domains = group.group("domains")
        domains.get { request, context in try await list(request, context) }
        domains.get(":domain") { request, context in try await get(request, context) }
        domains.post(":domain/verify") { request, context in try await verify(request, context) }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<String>(request)
        let names = context.tenant.fromDomains.compactMap { try? SenderName(parsing: $0) }.sorted()
        let page = query.page(of: names, by: \.text)
        let rows = try await store.identities(of: page.items.map(\.text), tenantID: context.tenant.ownerID)
        return Response(page.json { context.view(of: $0, rows: rows).json })
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        return try await answer(try Self.sender(context), context)
    }

    /// Answers how it stood before: the check follows within seconds.
    private func verify(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let sender = try Self.sender(context)
        try await store.checkAgain(sender.text, tenantID: context.tenant.ownerID)
        return try await answer(sender, context, status: .accepted)
    }

    private func answer(
        _ sender: SenderName,
        _ context: TenantContext,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let rows = try await store.identities(of: [sender.text], tenantID: context.tenant.ownerID)
        return Response(context.view(of: sender, rows: rows).json, status: status)
    }

    /// The same answer for what is malformed, unknown or another tenant's.
    private static func sender(_ context: TenantContext) throws -> SenderName {
        guard let text = context.parameters.get("domain").flatMap(PathText.decode),
            let sender = try? SenderName(parsing: text), context.tenant.fromDomains.contains(sender.text)
        else { throw Problem.notFound("the tenant has no such domain or address") }
        return sender
    }
}

extension TenantContext {
    fileprivate func view(of sender: SenderName, rows: [IdentityRow]) -> SenderView {
        SenderView(sender, tenant: tenant, directory: directory, rows: rows)
    }
}
