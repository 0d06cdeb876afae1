import Directory
import Hummingbird
public import Mail
public import Outbox

/// Opens what a message says; nil where the tenant has no such message.
public protocol ContentReading: Sendable {
    func content(of id: MessageID, tenantID: Int32) async throws -> KeptContent?
}

extension ContentReader: ContentReading {}

/// `GET /messages/{id}/content`, for keys that were given the scope for it.
struct ContentRoutes: Sendable {
    let contents: any ContentReading
    let templates: any TemplateResolving

    func add(to group: RouterGroup<TenantContext>) {
        group.get("messages/:id/content") { request, context in try await content(request, context) }
    }

    private func content(_ request: Request, _ context: TenantContext) async throws -> Response {
        _ = try RequestQuery(request)
        guard let id = context.parameters.get("id").flatMap({ MessageID($0) }) else { throw Problem.messageNotFound() }
        context.record.message = id.description
        return Response(try await shown(id, tenantID: context.tenant.id).json(id))
    }

    /// - Throws: problem `not_found`, `content_removed` or `content_sealed`.
    func shown(_ id: MessageID, tenantID: Int32) async throws -> ShownContent {
        switch try await contents.content(of: id, tenantID: tenantID) {
        case nil: throw Problem.messageNotFound()
        case .removed?:
            throw Problem(
                .contentRemoved,
                "what the message said is not kept any more: bodies go before messages do, and with addresses that are erased"
            )
        case .sealed?:
            throw Problem(
                .contentSealed,
                "what the message says is sealed, and this node cannot open it now",
                retryAfter: 30
            )
        case .whole(let content)?: return ShownContent(content)
        case .templated(let content)?: return ShownContent(content, try await source(of: content))
        }
    }

    /// What it was filled with, where that was the same for everybody; else the template.
    private func source(of content: TemplatedContent) async throws -> TemplateSource? {
        switch content.frame.source {
        case .fixed(let source): return source
        case .version(let number):
            guard let template = try await templates.template(number) else { return nil }
            if content.isEach { return template.source }
            return (try? template.filled(with: content.data, maximumBytes: MessageBuilder.absoluteMaximumBytes))
                ?? template.source
        }
    }
}
