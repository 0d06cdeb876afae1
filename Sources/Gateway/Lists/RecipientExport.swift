import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Mail
import Outbox

/// `GET /recipients.csv`: a list of recipients to its end, written as it is read, so that a long one takes no more memory than a
/// short one.
struct RecipientExport: Sendable {
    private static let page = 500
    private static let columns = [
        "email", "status", "reason", "last_event", "kind", "region", "stream", "attempts", "message_id",
        "ses_message_id",
        "created_at", "updated_at",
    ]

    let lists: any MailListing
    /// Each page is a turn, so that a long list keeps the tenant's other searches waiting no longer than a short one.
    let turns: TenantTurns

    func add(to group: RouterGroup<TenantContext>) {
        group.get("recipients.csv") { request, context in try await export(request, context) }
    }

    private func export(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try RequestQuery(request, allowing: RecipientFilter.names)
        let filter = try RecipientFilter(query)
        let (tenantID, record) = (context.tenant.id, context.record)
        // Before the status goes out, so that what cannot be read is said in a problem.
        let first = try await read(filter, tenantID: tenantID, after: nil)
        var response = Response(
            status: .ok,
            headers: [.contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store"],
            body: .lines { write in
                try await write(CSVRow.text(Self.columns))
                var page = first
                while true {
                    for recipient in page.items { try await write(CSVRow.text(recipient.cells)) }
                    let last = page.items.count < Self.page ? page.edge : page.items.last?.id
                    guard let last else { return }
                    // Whoever draws it out does not read on with a key that was revoked meanwhile.
                    try record.recheck()
                    page = try await read(filter, tenantID: tenantID, after: last)
                }
            }
        )
        response.headers[.contentDisposition] = "attachment; filename=\"recipients.csv\""
        return response
    }

    private func read(
        _ filter: RecipientFilter,
        tenantID: Int32,
        after: OutboxID?
    ) async throws -> ListPage<ListedRecipient, OutboxID> {
        try await turns.with(tenantID) {
            try await lists.recipients(
                tenantID: tenantID,
                filter: filter,
                limit: Self.page,
                after: after,
                before: nil
            )
        }
    }
}

extension RecipientFilter {
    static let names = ["status", "domain", "region", "created_after", "created_before"]

    init(_ query: RequestQuery) throws {
        self.init()
        status = try query.status()
        domain = try query.domain()
        region = try query.region()
        (createdAfter, createdBefore) = try query.created()
    }
}

extension ListedRecipient {
    fileprivate var cells: [String?] {
        [
            email, status.rawValue, reason, lastEvent?.rawValue, kind.rawValue, region, stream, "\(attempts)",
            id.message.description, sesMessageID, RFC3339.text(createdAt), RFC3339.text(updatedAt),
        ]
    }
}
