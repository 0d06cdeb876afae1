import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Mail
import Outbox
import Webhooks

/// A tenant's webhooks, suppressions and keys.
struct ToolPages: Sendable {
    private static let mostKeys = 200

    let services: TenantServices

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("webhooks") { _, context in try await webhooks(context) }
        pages.get("webhooks/:id") { request, context in try await webhook(request, context) }
        pages.get("suppressions") { request, context in try await suppressions(request, context) }
        pages.get("keys") { _, context in try await keys(context) }
    }

    private func webhooks(_ context: PageContext) async throws -> Response {
        try await context.tenantPage(.webhooks, "Webhooks", section: "/dashboard/webhooks") { caller in
            let endpoints = try await services.webhooks.endpoints.endpoints(
                tenantID: caller.tenant.id,
                limit: 101,
                after: nil,
                before: nil
            )
            return TenantWebhooksPage(
                endpoints: Array(endpoints.prefix(100)),
                hasMore: endpoints.count > 100,
                now: Date()
            ).page
        }
    }

    private func webhook(_ request: Request, _ context: PageContext) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }) else { throw Problem.webhookNotFound() }
        let query = try RequestQuery(request, allowing: ["status", "after", "before"], isForm: true)
        return try await context.tenantPage(.webhooks, "Webhook", section: "/dashboard/webhooks") { caller in
            let tenantID = caller.tenant.id
            guard let endpoint = try await services.webhooks.endpoints.endpoint(id.uuid, tenantID: tenantID) else {
                throw Problem.webhookNotFound()
            }
            let (after, before) = (query["after"].flatMap { ObjectID($0) }, query["before"].flatMap { ObjectID($0) })
            let status = DeliveryStatus.allCases.first { $0.name == query["status"] }
            let page = try await services.webhooks.deliveries.deliveries(
                endpoint: id.uuid,
                tenantID: tenantID,
                filter: DeliveryLog.Filter(status: status),
                limit: ListWindow<WebhookDelivery>.size + 1,
                after: after?.uuid,
                before: before?.uuid
            )
            let window = ListWindow(
                page?.deliveries ?? [],
                after: after?.description,
                before: before?.description,
                edge: page?.edge?.text,
                id: \.id.text
            )
            return TenantWebhookPage(
                endpoint: endpoint,
                deliveries: window.items,
                status: status?.name ?? "",
                newer: window.earlier,
                older: window.later,
                now: Date()
            ).page
        }
    }

    private func suppressions(_ request: Request, _ context: PageContext) async throws -> Response {
        try await context.tenantPage(.suppressions, "Suppressions", section: "/dashboard/suppressions") { caller in
            let query = try RequestQuery(
                request,
                allowing: ["prefix", "domain", "reason", "after", "before"],
                isForm: true
            )
            let filters = query.given
            var filter = SuppressionFilter(prefix: query["prefix"]?.lowercased())
            do {
                filter.domain = try query.domain()
            } catch let problem as Problem where problem.code == .invalidQuery {
                return TenantSuppressionsPage(suppressions: [], filters: filters, problem: problem.detail, now: Date())
                    .page
            }
            filter.reason = query["reason"].flatMap(Suppression.Reason.init(rawValue:))
            let page = try await services.suppressions.suppressions(
                tenantID: caller.tenant.id,
                filter: filter,
                limit: ListWindow<Suppression>.size + 1,
                after: query["after"],
                before: query["before"]
            )
            let window = ListWindow(
                page.suppressions,
                after: query["after"],
                before: query["before"],
                edge: page.edge,
                id: \.place
            )
            return TenantSuppressionsPage(
                suppressions: window.items,
                filters: filters,
                earlier: window.earlier,
                later: window.later,
                now: Date()
            ).page
        }
    }

    private func keys(_ context: PageContext) async throws -> Response {
        try await context.tenantPage(.keys, "Keys", section: "/dashboard/keys") { caller in
            let keys = try await services.keys.store.keys(
                of: .tenant(caller.tenant.ownerID, onlyTest: caller.tenant.isTest),
                limit: Self.mostKeys + 1,
                after: nil,
                before: nil
            )
            return TenantKeysPage(
                keys: Array(keys.prefix(Self.mostKeys)),
                hasMore: keys.count > Self.mostKeys,
                own: caller.key.text,
                grant: caller.grant,
                now: Date()
            ).page
        }
    }
}
