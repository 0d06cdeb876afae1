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
        messages.get(":id") { _, context in try await message(context) }
        messages.get(":id/events") { _, context in try await events(context) }
        messages.post(":id/cancel") { _, context in try await cancel(context) }
    }

    private func message(_ context: TenantContext) async throws -> Response {
        let id = try id(context)
        guard let view = try await reader.message(id, tenantID: context.tenant.id) else {
            throw Problem.messageNotFound()
        }
        return Response(view.json(directory: context.directory))
    }

    private func events(_ context: TenantContext) async throws -> Response {
        let id = try id(context)
        guard let events = try await reader.events(id, tenantID: context.tenant.id) else {
            throw Problem.messageNotFound()
        }
        return Response(.object([("data", .array(events.map(\.json)))]))
    }

    private func cancel(_ context: TenantContext) async throws -> Response {
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
