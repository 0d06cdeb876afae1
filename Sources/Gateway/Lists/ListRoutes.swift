import Directory
import Hummingbird
import Mail
import Outbox

/// `GET /messages` and `GET /recipients`: a tenant's mail, newest first.
struct ListRoutes: Sendable {
    let lists: any MailListing

    func add(to group: RouterGroup<TenantContext>) {
        group.get("messages") { request, context in try await messages(request, context) }
        group.get("recipients") { request, context in try await recipients(request, context) }
    }

    private func messages(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<MessageID>(
            request,
            filters: ["status", "to", "tag", "region", "from", "created_after", "created_before"]
        )
        let filter = try MessageFilter(query.filters)
        let page = try await lists.messages(
            tenantID: context.tenant.id,
            filter: filter,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(
            query.page(reading: page.items, by: \.id.description, upTo: page.edge?.description).json(\.json)
        )
    }

    private func recipients(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<OutboxID>(request, filters: RecipientFilter.names)
        let filter = try RecipientFilter(query.filters)
        let page = try await lists.recipients(
            tenantID: context.tenant.id,
            filter: filter,
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        return Response(
            query.page(reading: page.items, by: \.id.description, upTo: page.edge?.description).json(\.json)
        )
    }
}

extension MessageFilter {
    init(_ query: RequestQuery) throws {
        self.init()
        status = try query.messageStatus()
        to = try query.recipient()
        tag = try query.tag()
        region = try query.region()
        from = try query.sender()
        (createdAfter, createdBefore) = try query.created()
    }
}
