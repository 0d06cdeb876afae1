import Directory
import FoundationEssentials
import Hummingbird
import Mail
import Outbox

/// `POST /send`: 202 with the message's id once it is committed.
struct SendRoutes: Sendable {
    private let acceptor: any MessageAccepting
    private let bodies: BodyReader
    private let composer: MessageComposer
    private let templates: any TemplateResolving

    init(acceptor: any MessageAccepting, templates: any TemplateResolving, configuration: GatewayConfiguration) {
        self.acceptor = acceptor
        self.templates = templates
        bodies = BodyReader(configuration)
        composer = MessageComposer(maximumMessageBytes: configuration.maximumMessageBytes)
    }

    func add(to group: RouterGroup<TenantContext>) {
        group.post("send") { request, context in try await send(request, context) }
    }

    private func send(_ request: Request, _ context: TenantContext) async throws -> Response {
        guard context.tenant.status != .paused else {
            throw Problem(.tenantPaused, "the tenant was paused; nothing is accepted until an operator resumes it")
        }
        let (message, status) = try await bodies.withJSON(request, record: context.record) { body in
            let submitted = try StrictJSON.decode(SendRequest.self, from: body)
            let template = try await templates.template(of: submitted, tenantID: context.tenant.id)
            let message = try composer.message(
                from: submitted,
                tenant: context.tenant,
                now: Date(),
                template: template
            )
            return (message, try await acceptor.accept(message))
        }
        context.record.message = message.id.description
        return Response(
            .object([("id", .string(message.id.description)), ("status", .string(status.rawValue))]),
            status: .accepted
        )
    }
}
