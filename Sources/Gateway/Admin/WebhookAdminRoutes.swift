import Coding
import Directory
import FoundationEssentials
import Hummingbird
import Outbox
import Webhooks

/// `/admin/webhooks`: which endpoints have trouble, what could not be delivered, and delivering it again.
struct WebhookAdminRoutes: Sendable {
    let services: AdminServices
    let trouble: TroubleServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        group.get("webhooks") { request, _ in try await list(request) }
        group.get("webhooks/failures") { request, _ in try await failures(request) }
        group.post("webhooks/:id/replay") { request, context in try await replay(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<ObjectID>(request, filters: ["tenant"])
        let tenant = query.filters["tenant"]
        if let tenant { _ = try await services.tenant(tenant) }
        let endpoints = try await trouble.webhooks.endpoints()
            .filter { (tenant ?? $0.tenant) == $0.tenant }
            .compactMap { endpoint in ObjectID(endpoint.id.text).map { (id: $0, endpoint: endpoint) } }
            .sorted { $0.id < $1.id }
        return Response(query.page(of: endpoints) { $0.id }.json { $0.endpoint.json })
    }

    private func failures(_ request: Request) async throws -> Response {
        let query = try PageQuery<ObjectID>(request, filters: ["tenant"])
        var tenantID: Int32?
        if let tenant = query.filters["tenant"] { tenantID = try await services.tenant(tenant).id }
        let found = try await trouble.webhooks.failures(
            tenantID: tenantID,
            limit: query.limit + 1,
            after: query.after?.uuid,
            before: query.before?.uuid
        )
        return Response(
            query.page(reading: found.items, by: \.delivery.id.text, upTo: found.edge?.text).json(\.json)
        )
    }

    private func replay(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let id = context.parameters.get("id").flatMap({ ObjectID($0) }),
            let tenantID = try await trouble.webhooks.tenantID(of: id.uuid)
        else { throw Problem.webhookNotFound() }
        let wanted = try await bodies.read(
            ReplayRequest.self,
            from: request,
            context: context,
            code: .invalidWebhook
        )
        switch wanted {
        case .delivery(let delivery):
            let made = try await trouble.replays.replay(
                delivery,
                endpoint: id.uuid,
                tenantID: tenantID,
                actor: context.actor
            )
            return Response(.object([("delivery", .string(made.text))]), status: .accepted)
        case .window(let from, let to):
            let window = try await trouble.replays.replay(
                from: from,
                to: to,
                endpoint: id.uuid,
                tenantID: tenantID,
                actor: context.actor
            )
            return Response(
                .object([("replay", .string(window.id?.text)), ("events", .number(window.events))]),
                status: .accepted
            )
        }
    }
}

extension WebhookTrouble.Endpoint {
    fileprivate var json: JSONValue {
        .object([
            ("id", .string(id.text)),
            ("tenant", .string(tenant)),
            ("host", .string(host)),
            ("status", .string(status)),
            ("disabled_reason", .string(disabledReason)),
            ("disabled_at", .time(disabledAt)),
            ("failing_since", .time(failingSince)),
            ("failures", .number(failures)),
            ("queued", .number(queued)),
        ])
    }
}

extension WebhookTrouble.Failure {
    fileprivate var json: JSONValue {
        .object([
            ("webhook", .string(endpoint.text)),
            ("tenant", .string(tenant)),
            ("host", .string(host)),
            ("id", .string(delivery.id.text)),
            ("event_id", .string(delivery.eventID.text)),
            ("type", .string(delivery.type)),
            ("message_id", .string(delivery.messageID)),
            ("replay", .bool(delivery.isReplay)),
            ("status", .string(delivery.status.name)),
            ("created_at", .time(delivery.createdAt)),
            ("attempts", .verbatim(delivery.attempts)),
        ])
    }
}
