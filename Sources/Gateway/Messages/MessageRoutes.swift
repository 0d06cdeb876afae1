import Directory
import HTTPTypes
import Hummingbird
import Mail
import Outbox

/// `GET /messages/{id}`, `GET /messages/{id}/events` and `POST /messages/{id}/cancel`.
struct MessageRoutes: Sendable {
    let reader: any MessageReading
    let canceler: any MessageCanceling

    func add(to group: RouterGroup<TenantContext>) {
        let messages = group.group("messages")
        messages.get(":id") { request, context in try await message(request, context) }
        messages.get(":id/events") { request, context in try await events(request, context) }
        messages.post(":id/cancel") { request, context in try await cancel(request, context) }
    }

    private func message(_ request: Request, _ context: TenantContext) async throws -> Response {
        let id = try id(context)
        let after = try after(request, id)
        guard let view = try await reader.message(id, tenantID: context.tenant.id, after: after) else {
            throw Problem.messageNotFound()
        }
        return Response(view.json(directory: context.directory))
    }

    private func events(_ request: Request, _ context: TenantContext) async throws -> Response {
        let id = try id(context)
        let after = try after(request, id)
        guard let page = try await reader.events(id, tenantID: context.tenant.id, after: after) else {
            throw Problem.messageNotFound()
        }
        var members: [(String, JSONValue)] = [
            ("data", .array(page.events.map(\.json))), ("has_more", .bool(page.next != nil)),
        ]
        if let next = page.next { members.append(("next", .string(next.description))) }
        return Response(.object(members))
    }

    /// The recipient of the message behind whom to go on, as the answer before said it.
    private func after(_ request: Request, _ id: MessageID) throws -> OutboxID? {
        guard let text = try RequestQuery(request, allowing: ["after"])["after"] else { return nil }
        guard let after = OutboxID(text), after.message == id else {
            throw Problem(.invalidQuery, "after is '\(text)', which names no recipient of this message")
        }
        return after
    }

    private func cancel(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        let id = try id(context)
        guard let answer = try await canceler.cancel(id, tenantID: context.tenant.id) else {
            throw Problem.messageNotFound()
        }
        guard answer.canceled > 0 else {
            throw Problem(.tooLate, "nothing of the message waits any more")
        }
        return Response(
            .object([
                ("id", .string(id.description)), ("canceled", .number(answer.canceled)),
                ("too_late", .number(answer.tooLate)),
            ])
        )
    }

    private func id(_ context: TenantContext) throws -> MessageID {
        guard let id = context.parameters.get("id").flatMap({ MessageID($0) }) else { throw Problem.messageNotFound() }
        context.record.message = id.description
        return id
    }
}
