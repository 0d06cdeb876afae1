import Dashboard
import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail
import NIOCore
import Outbox
import Webhooks

/// A tenant's messages, what each says, and whom mail did not reach.
struct MailPages: Sendable {
    /// Of a MIME message, bytes that are shown.
    private static let shownSource = 64 << 10
    /// Endpoints whose deliveries a message's story has.
    private static let endpoints = 5

    let services: TenantServices
    let live: LiveDesk

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("messages") { request, context in try await messages(request, context) }
        pages.get("messages/:id") { request, context in try await message(request, context) }
        pages.get("messages/:id/content") { _, context in try await content(context) }
        pages.get("messages/:id/content/html") { _, context in try await contentHTML(context) }
        pages.get("recipients") { request, context in try await recipients(request, context) }
    }

    private func messages(_ request: Request, _ context: PageContext) async throws -> Response {
        try await context.tenantPage(.read, "Messages", section: "/dashboard/messages") { caller in
            let query = try RequestQuery(
                request,
                allowing: TenantMessagesPage.filters + ["after", "before"],
                isForm: true
            )
            let filters = query.given
            let now = Date()
            let filter: MessageFilter
            do {
                filter = try MessageFilter(query)
            } catch let problem as Problem where problem.code == .invalidQuery {
                return TenantMessagesPage(messages: [], filters: filters, problem: problem.detail, now: now).page
            }
            let (after, before) = (query["after"].flatMap { MessageID($0) }, query["before"].flatMap { MessageID($0) })
            let page = try await services.lists.messages(
                tenantID: caller.tenant.id,
                filter: filter,
                limit: ListWindow<ListedMessage>.size + 1,
                after: after,
                before: before
            )
            let window = ListWindow(page, after: after, before: before, id: \.id)
            return TenantMessagesPage(
                messages: window.items,
                filters: filters,
                newer: window.earlier,
                older: window.later,
                now: now
            ).page
        }
    }

    private func recipients(_ request: Request, _ context: PageContext) async throws -> Response {
        try await context.tenantPage(.read, "Not delivered", section: "/dashboard/recipients") { caller in
            let query = try RequestQuery(
                request,
                allowing: TenantRecipientsPage.filters + ["after", "before"],
                isForm: true
            )
            var filters = query.given
            let now = Date()
            var filter: RecipientFilter
            do {
                filter = try RecipientFilter(query)
            } catch let problem as Problem where problem.code == .invalidQuery {
                return TenantRecipientsPage(recipients: [], filters: filters, problem: problem.detail, now: now).page
            }
            if filter.status == nil {
                filter.status = .bounced
                filters["status"] = MessageStatus.bounced.rawValue
            }
            let (after, before) = (query["after"].flatMap { OutboxID($0) }, query["before"].flatMap { OutboxID($0) })
            let page = try await services.lists.recipients(
                tenantID: caller.tenant.id,
                filter: filter,
                limit: ListWindow<ListedRecipient>.size + 1,
                after: after,
                before: before
            )
            let window = ListWindow(page, after: after, before: before, id: \.id)
            return TenantRecipientsPage(
                recipients: window.items,
                filters: filters,
                newer: window.earlier,
                older: window.later,
                now: now
            ).page
        }
    }

    private func message(_ request: Request, _ context: PageContext) async throws -> Response {
        let id = try context.messageID()
        let after = try RequestQuery(request, allowing: ["after"])["after"].flatMap { OutboxID($0) }
        return try await context.tenantPage(.read, "Message", section: "/dashboard/messages") { caller in
            let tenantID = caller.tenant.id
            guard let view = try await services.reader.message(id, tenantID: tenantID, after: after) else {
                throw Problem.messageNotFound()
            }
            let events = try await services.reader.events(id, tenantID: tenantID, after: after)?.events ?? []
            let scopes = caller.grant.scopes
            return TenantMessagePage(
                message: view,
                events: events,
                told: scopes.contains(.webhooks) ? try await told(of: view, tenantID: tenantID) : [],
                lane: caller.directory.lane(view.laneID)?.name,
                canCancel: scopes.contains(.send),
                canReadContent: scopes.contains(.content),
                now: Date()
            ).page
        }
    }

    /// What webhooks were told of it, as far as that stands near the beginning of their logs since then.
    private func told(of view: MessageView, tenantID: Int32) async throws -> [TenantMessagePage.Told] {
        let endpoints = try await services.webhooks.endpoints.endpoints(
            tenantID: tenantID,
            limit: Self.endpoints,
            after: nil,
            before: nil
        )
        var told: [TenantMessagePage.Told] = []
        for endpoint in endpoints {
            let page = try await services.webhooks.deliveries.deliveries(
                endpoint: endpoint.id,
                tenantID: tenantID,
                filter: DeliveryLog.Filter(),
                limit: 100,
                after: nil,
                before: view.id.uuid
            )
            let text = view.id.description
            told += (page?.deliveries ?? []).filter { $0.messageID == text }.map {
                .init(endpoint: endpoint, delivery: $0)
            }
        }
        return told
    }

    private func content(_ context: PageContext) async throws -> Response {
        let id = try context.messageID()
        var response = try await context.tenantPage(.content, "What it says", section: "/dashboard/messages") {
            caller in
            do {
                let shown = try await shown(id, caller)
                let source = shown.raw.map { bytes in
                    String(decoding: bytes.prefix(Self.shownSource), as: UTF8.self)
                        + (bytes.count > Self.shownSource
                            ? "\n... and \(bytes.count - Self.shownSource) bytes more" : "")
                }
                return TenantContentPage(
                    id: id,
                    content: .init(
                        kind: shown.kind,
                        from: shown.from.map { (try? EmailAddress(parsing: $0))?.displayText ?? $0 },
                        subject: shown.subject,
                        text: shown.text,
                        hasHTML: shown.html != nil,
                        headers: shown.headers,
                        source: source
                    )
                ).page
            } catch let problem as Problem where problem.code == .contentRemoved || problem.code == .contentSealed {
                return TenantContentPage(id: id, content: nil, problem: problem.detail).page
            }
        }
        response.allowFrames()
        return response
    }

    private func contentHTML(_ context: PageContext) async throws -> Response {
        try context.require(.content)
        let html = try await shown(try context.messageID(), try context.tenantCaller()).html
        guard let html else { throw Problem.messageNotFound() }
        return Response(mail: html)
    }

    private func shown(_ id: MessageID, _ caller: TenantCaller) async throws -> ShownContent {
        try await ContentRoutes(contents: services.contents, templates: services.templates.shelf)
            .shown(id, tenantID: caller.tenant.id)
    }
}

extension PageContext {
    fileprivate func messageID() throws -> MessageID {
        guard let id = parameters.get("id").flatMap({ MessageID($0) }) else { throw Problem.messageNotFound() }
        record.message = id.description
        return id
    }
}

extension MessageID {
    /// As ids of another kind that begin with a time, too.
    fileprivate var uuid: UUID {
        let b = bytes
        return UUID(
            uuid: (b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15])
        )
    }
}

extension Response {
    /// Mail or a template that a tenant wrote, for a frame: nothing of it runs, loads anything from elsewhere, or is of the
    /// dashboard's origin.
    init(mail html: String) {
        self.init(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html))
        )
        headers[.contentSecurityPolicy] =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
            + "frame-ancestors 'self'"
        if let name = HTTPField.Name("X-Frame-Options") { headers[name] = "SAMEORIGIN" }
    }

    /// Lets a page show such a frame.
    mutating func allowFrames() {
        headers[.contentSecurityPolicy] = PageShieldMiddleware.policy + "; frame-src 'self'"
    }
}
