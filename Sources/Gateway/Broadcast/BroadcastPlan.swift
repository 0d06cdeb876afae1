import Directory
import FoundationEssentials
import Mail
import Outbox

/// What a broadcast's first line says: the message without its recipients.
struct BroadcastPlan {
    /// Its id and its content are made at the end.
    let message: NewMessage
    let frame: TemplatedContent.Frame
    let template: MailTemplate?
    let data: TemplateValue
}

extension MessageComposer {
    /// Makes of a broadcast's first line the message that its recipients get, or says everything that is wrong with it.
    func broadcast(
        from request: SendRequest,
        tenant: Tenant,
        now: Date,
        template: ResolvedTemplate?
    ) throws -> BroadcastPlan {
        let options = SendOptions(request, now: now)
        var failures = options.failures + request.templateFailures + request.broadcastFailures
        var (draft, _) = request.draft()
        // The recipients come later, and so do the texts of a template; the rest is checked as if they were there.
        draft.to = .one(request.from)
        draft.cc = []
        draft.bcc = []
        if template != nil {
            draft.subject = "-"
            draft.text = "-"
            draft.html = nil
        }
        draft.raw = nil
        draft.attachments = []
        var simple: SimpleContent?
        do {
            let composed = try builder.build(draft, seed: 0)
            if case .simple(let content) = composed.content {
                simple = content
            } else {
                let detail = "a broadcast has at most 15 headers, in ASCII and each once, and short names in addresses"
                failures.append(ValidationFailure(pointer: "/headers", detail: detail))
            }
            try checkSenders(composed, tenant: tenant, isRaw: false)
        } catch let error as DraftError {
            failures += error.failures.filter { !$0.pointer.hasPrefix("/to") }
        }
        let fixed = TemplateSource(subject: simple?.subject ?? "", text: simple?.text, html: simple?.html)
        if template == nil, fixed.size > BroadcastIntake.maximumMailBytes {
            let detail = "subject, text and html of a broadcast have at most \(BroadcastIntake.maximumMailBytes) bytes"
            failures.append(ValidationFailure(pointer: "", detail: detail))
        }
        guard failures.isEmpty, let simple else { throw Problem.invalidMessage(failures) }
        let (region, route) = try route(request, tenant: tenant)
        guard let lane = route.lanes[options.stream.rawValue] else { throw Problem.internalError() }
        let frame = TemplatedContent.Frame(
            from: simple.from,
            replyTo: simple.replyTo,
            headers: simple.headers,
            source: template.map { .version($0.number) } ?? .fixed(fixed)
        )
        let data = request.data ?? .object([:])
        let content = try StoredContent(TemplatedContent(frame: frame, data: data), filledSize: 0)
        let message = NewMessage(
            id: ids.next(at: now),
            tenantID: tenant.id,
            laneID: lane,
            region: region,
            stream: options.stream,
            priority: options.priority,
            split: true,
            recipients: [],
            sender: simple.from,
            subject: template?.template.source.subject ?? simple.subject,
            tags: options.tags,
            metadata: options.metadata,
            content: content,
            scheduledAt: options.scheduledAt,
            expiresAt: options.expiresAt,
            isTest: tenant.isTest
        )
        return BroadcastPlan(message: message, frame: frame, template: template?.template, data: data)
    }
}

extension SendRequest {
    /// What a broadcast's first line cannot say.
    fileprivate var broadcastFailures: [ValidationFailure] {
        var failures: [ValidationFailure] = []
        func refuse(_ pointer: String, _ isGiven: Bool, _ detail: String) {
            if isGiven { failures.append(ValidationFailure(pointer: pointer, detail: detail)) }
        }
        refuse("/to", to != nil, "the recipients of a broadcast follow, one on each line")
        refuse("/cc", cc != nil, "a broadcast has no cc")
        refuse("/bcc", bcc != nil, "a broadcast has no bcc; its recipients do not see each other")
        refuse("/raw", raw != nil, "a broadcast is made of a template, or of subject, text and html")
        refuse(
            "/attachments",
            attachments?.isEmpty == false,
            "a broadcast has no attachments; link to what is to be read"
        )
        refuse("/split", split == false, "each recipient of a broadcast has a call of its own, or an entry of one")
        return failures
    }
}
