import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail
import Outbox

/// `POST /send` and `POST /send/batch`: 202 once the messages are committed.
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
        group.post("send") { request, context in
            try await send(request, context, path: "/send", makeMessage)
        }
        group.post("send/batch") { request, context in
            try await send(request, context, path: "/send/batch", makeBatch)
        }
    }

    private typealias Make = (JSONDocument, IdempotencyKey?, TenantContext) async throws -> Submission

    private func send(
        _ request: Request,
        _ context: TenantContext,
        path: String,
        _ make: Make
    ) async throws -> Response {
        _ = try RequestQuery(request)
        let keyText = try IdempotencyKeyHeader.read(request.headers)
        // With a key it may be a repetition, and the first one is answered for.
        if keyText == nil { try Self.refusePaused(context.tenant) }
        let receipt = try await bodies.withJSON(request, record: context.record) { body in
            let context = context.latest
            let key = keyText.map {
                IdempotencyKey($0, tenantID: context.tenant.id, request: "POST \(path)", body: body)
            }
            let submission: Submission
            do {
                try Self.refusePaused(context.tenant)
                submission = try await make(JSONDocument(body), key, context)
            } catch {
                if let key, let receipt = try await acceptor.receipt(for: key, tenantID: context.tenant.id) {
                    return receipt
                }
                throw error
            }
            if submission.messages.isEmpty, key == nil {
                return Receipt(answer: submission.answer([]), isReplay: false)
            }
            let receipt = try await acceptor.accept(submission)
            if !receipt.isReplay, submission.messages.count == 1 {
                context.record.message = submission.messages[0].id.description
            }
            return receipt
        }
        var response = Response(.verbatim(receipt.answer), status: .accepted)
        if receipt.isReplay, let name = Self.replayed { response.headers[name] = "true" }
        return response
    }

    private static let replayed = HTTPField.Name("Idempotent-Replayed")

    static func refusePaused(_ tenant: Tenant) throws(Problem) {
        guard tenant.status == .paused else { return }
        throw Problem(.tenantPaused, "the tenant was paused; nothing is accepted until an operator resumes it")
    }

    private func makeMessage(
        _ document: JSONDocument,
        _ key: IdempotencyKey?,
        _ context: TenantContext
    ) async throws -> Submission {
        try document.requireUnique()
        let request = try SendRequest(of: document.root)
        let template = try await templates.template(of: request, tenantID: context.tenant.ownerID)
        let message = try composer.message(from: request, tenant: context.tenant, now: Date(), template: template)
        let id = message.id.description
        return Submission(
            tenantID: context.tenant.id,
            messages: [message],
            isAtomic: true,
            key: key,
            limits: context.tenant.limits.accept
        ) { verdicts in
            SendAnswer.decided(id, verdicts.first).text
        }
    }

    private func makeBatch(
        _ document: JSONDocument,
        _ key: IdempotencyKey?,
        _ context: TenantContext
    ) async throws -> Submission {
        try await BatchComposer(composer: composer, templates: templates)
            .submission(from: document, key: key, tenant: context.tenant, now: Date())
    }
}
