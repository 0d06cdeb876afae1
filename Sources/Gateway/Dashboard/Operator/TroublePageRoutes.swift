import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Mail
import Outbox
import Webhooks

/// `/dashboard/messages` and `/dashboard/webhooks` of the operator.
struct TroublePageRoutes: Sendable {
    let services: AdminServices
    let trouble: TroubleServices

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("messages") { request, context in try await messages(request, context) }
        pages.get("webhooks") { request, context in try await webhooks(request, context) }
    }

    private func messages(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try PageQuery<OutboxID>(request, filters: TroubleRoutes.filters, isForm: true)
        let directory = try await services.latestDirectory()
        let found = try await trouble.mail.recipients(
            try TroubleFilter(query.filters, in: directory),
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        let (page, edges) = query.edges(of: found.items, upTo: found.edge?.description) { $0.id.description }
        var asked = MessagesPage.Query()
        asked.status = query.filters["status"] ?? asked.status
        asked.tenant = query.filters["tenant"]
        asked.domain = query.filters["domain"]
        asked.reason = query.filters["reason"]
        asked.after = query.filters["created_after"]
        asked.before = query.filters["created_before"]
        return context.operatorPage(
            MessagesPage(
                query: asked,
                recipients: page,
                tenants: directory.tenants.mapValues(\.name),
                older: edges.older,
                newer: edges.newer,
                now: Date()
            ).page
        )
    }

    private func webhooks(_ request: Request, _ context: PageContext) async throws -> Response {
        let query = try PageQuery<ObjectID>(request, filters: ["tenant"], isForm: true)
        let directory = try await services.latestDirectory()
        let name = query.filters["tenant"]
        let tenant = try name.map { name in
            guard let tenant = directory.tenant(named: name) else {
                throw Problem.notFound("there is no tenant '\(name)'")
            }
            return tenant
        }
        let found = try await trouble.webhooks.failures(
            tenantID: tenant?.id,
            limit: query.limit + 1,
            after: query.after?.uuid,
            before: query.before?.uuid
        )
        let (page, edges) = query.edges(of: found.items, upTo: found.edge?.text, by: \.delivery.id.text)
        let endpoints = try await trouble.webhooks.endpoints().filter { (name ?? $0.tenant) == $0.tenant }
        return context.operatorPage(
            WebhooksPage(
                endpoints: endpoints,
                failures: page,
                tenant: name,
                tenants: directory.tenants.values.map(\.name).sorted(),
                older: edges.older,
                newer: edges.newer,
                now: Date()
            ).page
        )
    }
}

extension PageQuery {
    /// The page of a list of which one entry more than the limit was read, or what its reader had found when it stopped at `edge`;
    /// and from where older and newer ones go on.
    func edges<Item>(
        of found: [Item],
        upTo edge: String? = nil,
        by cursor: (Item) -> String
    ) -> (items: [Item], (older: String?, newer: String?)) {
        let page = page(reading: found, by: cursor, upTo: edge)
        let (first, last) = (page.items.first.map(cursor), page.items.last.map(cursor))
        if before != nil { return (page.items, (older: last, newer: page.next)) }
        return (page.items, (older: page.next, newer: after == nil ? nil : first))
    }
}
