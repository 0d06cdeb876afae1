import Coding
import Directory
import FoundationEssentials
import Hummingbird
import Mail
import Outbox

/// `/admin/recipients`: what went wrong over all tenants, and sending it again.
struct TroubleRoutes: Sendable {
    static let filters = ["status", "tenant", "domain", "reason", "created_after", "created_before"]

    let services: AdminServices
    let trouble: TroubleServices
    let bodies: AdminBodyReader

    func add(to group: RouterGroup<AdminContext>) {
        group.get("recipients") { request, _ in try await list(request) }
        group.post("recipients/again") { request, context in try await again(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try PageQuery<OutboxID>(request, filters: Self.filters)
        let directory = try await services.latestDirectory()
        let found = try await trouble.mail.recipients(
            try TroubleFilter(query.filters, in: directory),
            limit: query.limit + 1,
            after: query.after,
            before: query.before
        )
        let page = query.page(reading: found.items, by: \.id.description, upTo: found.edge?.description)
        return Response(page.json { $0.json(tenant: directory.tenants[$0.tenantID]?.name) })
    }

    private func again(_ request: Request, _ context: AdminContext) async throws -> Response {
        _ = try RequestQuery(request)
        let wanted = try await bodies.read(
            AgainOrder.self,
            from: request,
            context: context,
            code: .invalidResend
        )
        let answer = try await trouble.again.send(wanted.recipients, actor: context.actor)
        let refused = answer.refused.sorted { $0.key < $1.key }.map { id, reason -> JSONValue in
            .object([
                ("id", .string(id.description)), ("reason", .string(reason.rawValue)),
                ("detail", .string(reason.words)),
            ])
        }
        return Response(
            .object([
                ("queued", .number(answer.queued.count)),
                ("refused", .array(refused)),
            ])
        )
    }
}

extension TroubleFilter {
    /// The same parameters for the API and the page.
    init(_ query: RequestQuery, in directory: DirectorySnapshot) throws {
        self.init()
        if let text = query["status"] {
            guard let status = Self.statuses.first(where: { $0.rawValue == text }) else {
                let names = Self.statuses.map(\.rawValue).joined(separator: ", ")
                throw Problem(.invalidQuery, "status is '\(text)'; known here are \(names)")
            }
            self.status = status
        }
        if let name = query["tenant"] {
            guard let tenant = directory.tenant(named: name) else {
                throw Problem.notFound("there is no tenant '\(name)'")
            }
            tenantID = tenant.id
        }
        domain = query["domain"]?.lowercased()
        reason = query["reason"]
        createdAfter = try query.time("created_after")
        createdBefore = try query.time("created_before")
    }
}

extension TroubledRecipient {
    func json(tenant: String?) -> JSONValue {
        .object([
            ("id", .string(id.description)),
            ("message_id", .string(id.message.description)),
            ("tenant", .string(tenant)),
            ("email", .string(email)),
            ("status", .string(status.rawValue)),
            ("held", .bool(isHeld)),
            ("attempts", .number(attempts)),
            ("reason", .string(reason)),
            ("region", .string(region)),
            ("stream", .string(stream)),
            ("created_at", .time(createdAt)),
            ("updated_at", .time(updatedAt)),
        ])
    }
}

extension SendingAgain.Refusal {
    /// What an operator reads.
    var words: String {
        switch self {
        case .unknownRecipient: "there is no such recipient"
        case .notFailed: "it has not failed, or waits already"
        case .undecided: "its outcome may still become known; wait for the grace to end"
        case .suppressed: "the tenant suppresses the address"
        case .erased: "the address was erased"
        case .bodyGone: "what was written is not kept any more"
        case .expired: "its time to be sent is over"
        case .noLane: "its account was removed, and its queue with it"
        case .test: "it is a test, which is never sent"
        }
    }
}

/// The body of `POST /admin/recipients/again`.
private struct AgainOrder: Decodable {
    let recipients: [OutboxID]

    private enum Keys: String, CodingKey, CaseIterable {
        case recipients
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        let texts = try members.decode([String].self, forKey: .recipients)
        let ids = texts.compactMap { OutboxID($0) }
        guard ids.count == texts.count, (1...SendingAgain.most).contains(ids.count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .recipients,
                in: members,
                debugDescription:
                    "must hold 1 to \(SendingAgain.most) ids of recipients, as GET /admin/recipients shows them"
            )
        }
        recipients = ids
    }
}
