import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail
import Webhooks

/// `/webhooks` and `/webhooks/{id}`, with `/rotate` and `/test`.
struct WebhookRoutes: Sendable {
    let services: WebhookServices
    let bodies: BodyReader

    func add(to group: RouterGroup<TenantContext>) {
        let webhooks = group.group("webhooks")
        webhooks.get { request, context in try await list(request, context) }
        webhooks.post { request, context in try await create(request, context) }
        webhooks.get(":id") { request, context in try await get(request, context) }
        webhooks.patch(":id") { request, context in try await change(request, context) }
        webhooks.delete(":id") { request, context in try await delete(request, context) }
        webhooks.post(":id/rotate") { request, context in try await rotate(request, context) }
        webhooks.post(":id/test") { request, context in try await test(request, context) }
    }

    private func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try PageQuery<ObjectID>(request)
        let endpoints = try await services.endpoints.endpoints(
            tenantID: context.tenant.id,
            limit: query.limit + 1,
            after: query.after?.uuid,
            before: query.before?.uuid
        )
        return Response(query.page(reading: endpoints).json { .object($0.members) })
    }

    private func create(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let settings = try await bodies.decode(
            EndpointRequest.self,
            from: request,
            record: context.record,
            code: .invalidWebhook
        ).change
        var failures: [ValidationFailure] = []
        if settings.url == nil { failures.append(ValidationFailure(pointer: "/url", detail: "is required")) }
        if settings.status != nil {
            failures.append(
                ValidationFailure(pointer: "/status", detail: "a new webhook is active; change it afterwards")
            )
        }
        if let first = failures.first {
            throw Problem(.invalidWebhook, "\(first.pointer): \(first.detail)", errors: failures)
        }
        let issued = try await services.endpoints.create(
            try services.check.check(settings),
            tenantID: context.tenant.id,
            actor: context.actor
        )
        var members = issued.endpoint.members
        members.insert(("secret", .string(issued.secret)), at: 1)
        var response = Response(.object(members), status: .created)
        response.headers[.location] = "/webhooks/\(issued.endpoint.id.text)"
        return response
    }

    private func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let id = try context.webhookID()
        guard let endpoint = try await services.endpoints.endpoint(id, tenantID: context.tenant.id) else {
            throw Problem.webhookNotFound()
        }
        return Response(.object(endpoint.members))
    }

    private func change(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let id = try context.webhookID()
        let change = try await bodies.decode(
            EndpointRequest.self,
            from: request,
            record: context.record,
            code: .invalidWebhook
        ).change
        let changed = try await services.endpoints.change(
            id,
            try services.check.check(change),
            tenantID: context.tenant.id,
            actor: context.actor
        )
        var members = changed.endpoint.members
        if let since = changed.missedSince { members.append(("missed_since", .time(since))) }
        return Response(.object(members))
    }

    private func delete(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        try await services.endpoints.delete(try context.webhookID(), tenantID: context.tenant.id, actor: context.actor)
        return Response(status: .noContent)
    }

    private func rotate(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let id = try context.webhookID()
        let wanted = try await bodies.decodeIfPresent(
            RotateRequest.self,
            from: request,
            record: context.record,
            code: .invalidWebhook
        )
        let issued = try await services.endpoints.rotate(
            id,
            overlap: wanted?.overlap ?? RotateRequest.standardOverlap,
            tenantID: context.tenant.id,
            actor: context.actor
        )
        return Response(
            .object([
                ("id", .string(issued.endpoint.id.text)), ("secret", .string(issued.secret)),
                ("old_secret_until", .time(issued.endpoint.oldSecretUntil)),
            ])
        )
    }

    private func test(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let id = try context.webhookID()
        let wanted = try await bodies.decodeIfPresent(
            TestRequest.self,
            from: request,
            record: context.record,
            code: .invalidWebhook
        )
        let type = wanted?.type ?? EventNames.test
        try EndpointCheck.checkTestType(type)
        let test = try await services.endpoints.test(id, type: type, tenantID: context.tenant.id)
        return Response(
            .object([("delivery", .string(test.delivery.text)), ("event_id", .string(test.eventID.text))]),
            status: .accepted
        )
    }
}

extension TenantContext {
    /// The path's webhook. - Throws: the problem that an unknown one is, too.
    func webhookID() throws -> UUID {
        guard let id = parameters.get("id").flatMap({ ObjectID($0) }) else { throw Problem.webhookNotFound() }
        return id.uuid
    }
}

extension Problem {
    /// The same for an id that is malformed, unknown or another tenant's.
    static func webhookNotFound() -> Problem {
        Problem(.notFound, "there is no webhook with this id")
    }
}
