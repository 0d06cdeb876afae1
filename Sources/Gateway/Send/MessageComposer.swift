import Directory
import FoundationEssentials
import Mail
import Outbox

/// Makes of a request a message that is valid, allowed and routed, or says everything that is wrong with it.
struct MessageComposer: Sendable {
    let builder: MessageBuilder
    let ids = MessageIDSource()

    init(maximumMessageBytes: Int) {
        builder = MessageBuilder(maximumBytes: maximumMessageBytes)
    }

    /// - Parameter template: what the request's `template` names.
    func message(
        from request: SendRequest,
        tenant: Tenant,
        now: Date,
        template: ResolvedTemplate? = nil
    ) throws -> NewMessage {
        let options = SendOptions(request, now: now)
        let filled = TemplateFilling(request, template: template, maximumBytes: builder.maximumBytes)
        let composed = try compose(request, filled: filled, failures: options.failures)
        try checkSenders(composed, tenant: tenant, isRaw: request.raw != nil)
        let (region, route) = try route(request, tenant: tenant)
        let split = request.split ?? true
        if !split, composed.recipients.count > route.rate {
            let detail =
                "\(composed.recipients.count) recipients cannot go in one call: the share sends \(route.rate) a second"
            throw Problem.invalidMessage([ValidationFailure(pointer: "/split", detail: detail)])
        }
        guard let lane = route.lanes[options.stream.rawValue] else { throw Problem.internalError() }
        return NewMessage(
            id: ids.next(at: now),
            tenantID: tenant.id,
            laneID: lane,
            region: region,
            stream: options.stream,
            priority: options.priority,
            split: split,
            recipients: composed.recipients.map {
                NewMessage.Recipient(email: $0.address.addrSpec, kind: $0.kind)
            },
            sender: composed.from.headerForm,
            subject: composed.subject,
            tags: options.tags,
            metadata: options.metadata,
            content: try filled.content(of: composed),
            scheduledAt: options.scheduledAt,
            expiresAt: options.expiresAt,
            isTest: tenant.isTest
        )
    }

    func route(_ request: SendRequest, tenant: Tenant) throws -> (region: String, route: Route) {
        let region = request.region ?? tenant.defaultRegion
        guard let route = tenant.route(region: region) else {
            let detail = "the tenant has no region '\(region)'"
            throw Problem(
                .unknownRegion,
                detail,
                errors: [ValidationFailure(pointer: "/region", detail: detail)]
            )
        }
        guard tenant.allows(region: region) else {
            let detail = "the key may not send to the region '\(region)'"
            throw Problem(
                .regionNotAllowed,
                detail,
                errors: [ValidationFailure(pointer: "/region", detail: detail)]
            )
        }
        if route.isPaused { throw Problem.pausedForReputation(account: route.account) }
        return (region, route)
    }

    /// Throws everything that is wrong with the message, `failures` included.
    private func compose(
        _ request: SendRequest,
        filled: TemplateFilling,
        failures: [ValidationFailure]
    ) throws -> ComposedMessage {
        var (draft, unreadable) = request.draft()
        filled.fill(&draft)
        var failures = failures + filled.failures
        do {
            let composed = try builder.build(draft, seed: UInt64.random(in: .min ... .max))
            failures += unreadable
            guard failures.isEmpty else { throw Problem.invalidMessage(failures) }
            return composed
        } catch let error as DraftError {
            // What could not be read is empty in the draft, and need not be said to be so.
            let pointers = Set(unreadable.map(\.pointer))
            failures += unreadable + filled.pointed(error.failures.filter { !pointers.contains($0.pointer) })
            throw Problem(DraftError(failures: failures, isTooLarge: error.isTooLarge))
        }
    }

    /// Every address that the message claims to come from must be allowed.
    func checkSenders(_ message: ComposedMessage, tenant: Tenant, isRaw: Bool) throws {
        var failures: [ValidationFailure] = []
        for sender in message.senders {
            guard let refusal = tenant.refusal(of: sender) else { continue }
            let isEnvelope = sender.matchKey == message.from.matchKey
            let place = isEnvelope || !isRaw ? "/from" : "/raw"
            failures.append(ValidationFailure(pointer: place, detail: refusal))
        }
        if let first = failures.first { throw Problem(.fromNotAllowed, first.detail, errors: failures) }
    }
}
