import Directory
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Outbox

/// `GET /events`: the tenant's feed from a place on, held open until there is something to say.
struct EventRoutes: Sendable {
    private static let maximumEntries = 100
    private static let maximumWait = 30
    /// What every JSON reader holds exactly.
    private static let maximumSeq = 1 << 53
    /// Stretches of events that retention has dropped are stepped over, so many of them in one request.
    private static let maximumSteps = 20

    let reader: any FeedReading
    let watch: FeedWatch
    let turns: TenantTurns

    func add(to group: RouterGroup<TenantContext>) {
        group.get("events") { request, context in try await events(request, context) }
    }

    private func events(_ request: Request, _ context: TenantContext) async throws -> Response {
        let query = try RequestQuery(request, allowing: ["after", "wait", "limit"])
        let limit = try query.number("limit", in: 1...Self.maximumEntries, standard: Self.maximumEntries)
        let wait = try query.number("wait", in: 0...Self.maximumWait, standard: 0)
        let after = Int64(try query.number("after", in: 0...Self.maximumSeq, standard: 0))
        let tenantID = context.tenant.id
        // Waiting takes nobody's turn.
        let page = try await turns.with(tenantID) {
            try await requireKept(tenantID: tenantID, after: after)
            return try await self.page(tenantID: tenantID, after: after, limit: limit)
        }
        guard page.isEmpty, wait > 0 else { return page.response }
        // A client that goes away is noticed by reading on, after which the connection takes no other request.
        let outcome = try await request.body.consumeWithCancellationOnInboundClose { _ in
            await watch.wait(tenantID: tenantID, after: page.next, for: .seconds(wait))
        }
        do {
            try context.record.recheck()
        } catch var problem as Problem {
            problem.closesConnection = true
            throw problem
        }
        switch outcome {
        case .events:
            return try await turns.with(tenantID) {
                try await self.page(tenantID: tenantID, after: page.next, limit: limit).lastResponse
            }
        case .timeout, .draining, .cancelled: return page.lastResponse
        case .tenantHasTooMany:
            throw Problem(
                .rateLimited,
                "too many requests of the tenant wait for events already",
                retryAfter: 5,
                closesConnection: true
            )
        case .nodeHasTooMany:
            throw Problem(
                .overloaded,
                "too many requests wait for events already; ask without wait",
                retryAfter: 5,
                closesConnection: true
            )
        }
    }

    /// Refuses a place behind which events are missing. 0 is no place, but the beginning of what is kept.
    private func requireKept(tenantID: Int32, after: Int64) async throws {
        guard after > 0, try await reader.position(tenantID: tenantID, after: after).at.timeIntervalSince1970 == 0,
            let oldest = try await reader.oldest(tenantID: tenantID), after + 1 < oldest
        else { return }
        throw Problem(
            .eventsDropped,
            "events up to \(oldest - 1) are not kept any more; go on with after=\(oldest - 1) to read those that are"
        )
    }

    private func page(tenantID: Int32, after: Int64, limit: Int) async throws -> EventPage {
        var position = try await reader.position(tenantID: tenantID, after: after)
        for _ in 0..<Self.maximumSteps {
            let page = try await reader.page(tenantID: tenantID, after: position, limit: limit)
            if let last = page.entries.last { return EventPage(entries: page.entries, next: last.seq) }
            position = page.end
            guard page.hasMore else { break }
        }
        return EventPage(entries: [], next: position.seq)
    }
}

/// What is answered.
private struct EventPage: Sendable {
    let entries: [FeedEntry]
    let next: Int64

    var isEmpty: Bool { entries.isEmpty }

    var response: Response {
        Response(.object([("data", .array(entries.map(\.json))), ("next", .number(next))]))
    }

    /// The connection is closed after it.
    var lastResponse: Response {
        var response = response
        response.headers[.connection] = "close"
        return response
    }
}

extension FeedEntry {
    fileprivate var json: JSONValue {
        .object([
            ("seq", .number(seq)),
            ("id", .string(id)),
            ("type", .string(type)),
            ("timestamp", .string(timestamp)),
            ("data", .verbatim(data)),
        ])
    }
}
