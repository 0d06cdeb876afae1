import Directory
import FoundationEssentials
import Hummingbird
import Webhooks

/// `/webhooks/{id}/deliveries`, the log, and `POST /webhooks/{id}/replay`.
struct DeliveryRoutes: Sendable {
    let services: WebhookServices
    let bodies: BodyReader

    func add(to group: RouterGroup<TenantContext>) {
        let webhook = group.group("webhooks/:id")
        webhook.get("deliveries") { request, context in try await list(request, context) }
        webhook.get("deliveries/:delivery") { request, context in try await get(request, context) }
        webhook.post("replay") { request, context in try await replay(request, context) }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<ObjectID>(request, filters: ["status", "type"])
        let filter = try Self.filter(query.filters)
        let page = try await services.deliveries.deliveries(
            endpoint: try context.webhookID(),
            tenantID: context.tenant.id,
            filter: filter,
            limit: query.limit + 1,
            after: query.after?.uuid,
            before: query.before?.uuid
        )
        guard let page else { throw Problem.webhookNotFound() }
        return Response(query.page(reading: page.deliveries, by: \.id.text, upTo: page.edge?.text).json(\.json))
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let endpoint = try context.webhookID()
        guard let id = context.parameters.get("delivery").flatMap({ ObjectID($0) }),
            let delivery = try await services.deliveries.delivery(
                id.uuid,
                endpoint: endpoint,
                tenantID: context.tenant.id
            )
        else { throw Problem.notFound("there is no delivery with this id") }
        return Response(delivery.json)
    }

    private func replay(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let endpoint = try context.webhookID()
        let tenantID = context.tenant.id
        let wanted = try await bodies.decode(
            ReplayRequest.self,
            from: request,
            record: context.record,
            code: .invalidWebhook
        )
        switch wanted {
        case .delivery(let id):
            let made = try await services.replays.replay(
                id,
                endpoint: endpoint,
                tenantID: tenantID,
                actor: context.actor
            )
            return Response(.object([("delivery", .string(made.text))]), status: .accepted)
        case .window(let from, let to):
            let window = try await services.replays.replay(
                from: from,
                to: to,
                endpoint: endpoint,
                tenantID: tenantID,
                actor: context.actor
            )
            return Response(
                .object([("replay", .string(window.id?.text)), ("events", .number(window.events))]),
                status: .accepted
            )
        }
    }

    private static func filter(_ query: RequestQuery) throws -> DeliveryLog.Filter {
        var filter = DeliveryLog.Filter(type: query["type"])
        if let type = filter.type, !EventNames.delivered.contains(type) {
            throw Problem(
                .invalidQuery,
                "type is '\(type)'; known are \(EventNames.delivered.joined(separator: ", "))"
            )
        }
        if let text = query["status"] {
            guard let status = DeliveryStatus.allCases.first(where: { $0.name == text }) else {
                let names = DeliveryStatus.allCases.map(\.name).joined(separator: ", ")
                throw Problem(.invalidQuery, "status is '\(text)'; known are \(names)")
            }
            filter.status = status
        }
        return filter
    }
}
