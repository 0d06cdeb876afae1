import Foundation

/// Holds the database against what the simulator says that happened, and against what the tenant's endpoint got.
struct FeedbackCheck: Sendable {
    let bed: Bed

    struct Outcome: Decodable {
        let outbox_id: String
        let recipient: String
        let status: String
    }

    struct Said: Decodable {
        let outbox_id: String
        let recipient: String?
        let type: String
    }

    private func lines<Line: Decodable>(_ path: String, as type: Line.Type) async throws -> [Line] {
        let text = try await bed.simulator.peer.get(path).text
        let decoder = JSONDecoder()
        return try text.split(separator: "\n").map { try decoder.decode(Line.self, from: Data($0.utf8)) }
    }

    /// Rows whose status is not the one that the simulator's ledger ends with; rows that it does not know count too.
    func wrongStatuses() async throws -> [String] {
        let outcomes = try await lines("/_simulator/outcomes", as: Outcome.self)
        let expected = Dictionary(outcomes.map { ($0.outbox_id, $0.status) }, uniquingKeysWith: { first, _ in first })
        let rows = try await bed.server.query("SELECT id, status_name(status) FROM outbox;", database: bed.database)
        var wrong: [String] = []
        for row in rows {
            let parts = row.split(separator: "|").map(String.init)
            guard expected[parts[0]] != parts[1] else { continue }
            wrong.append("\(parts[0]): \(parts[1]) instead of \(expected[parts[0]] ?? "nothing")")
        }
        return rows.count == expected.count ? wrong : wrong + ["\(rows.count) rows, \(expected.count) outcomes"]
    }

    /// Events of SES that are recorded less or more often than they happened.
    func wrongEvents() async throws -> [String] {
        let names = [
            "Delivery": "email.delivered", "Bounce": "email.bounced", "Complaint": "email.complained",
            "DeliveryDelay": "email.delivery_delayed", "Reject": "email.rejected", "Send": "email.sent",
        ]
        var happened: Set<String> = []
        for said in try await lines("/_simulator/events", as: Said.self) {
            guard let name = names[said.type] else { continue }
            happened.insert("\(said.outbox_id)|\(name)")
        }
        let rows = try await bed.server.query(
            "SELECT outbox_id, type, count(*) FROM event WHERE type <> 'email.unknown' GROUP BY 1, 2;",
            database: bed.database
        )
        var wrong: [String] = []
        for row in rows {
            let parts = row.split(separator: "|").map(String.init)
            if parts[2] != "1" { wrong.append("\(row) times") }
            if happened.remove("\(parts[0])|\(parts[1])") == nil { wrong.append("\(row): never happened") }
        }
        return wrong + happened.map { "\($0) is missing" }
    }

    /// What is wrong with the feed: places that are missing or doubled, events without a place.
    func wrongPlaces() async throws -> [String] {
        let rows = try await bed.server.query(
            """
            SELECT 'places: ' || count(*) || ' of ' || max(seq) FROM feed HAVING count(*) <> max(seq)
            UNION ALL
            SELECT 'events: ' || events || ', places: ' || places FROM (
                SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM outbox) AS events,
                       (SELECT count(*) FROM feed) AS places) AS c
            WHERE events <> places;
            """,
            database: bed.database
        )
        return rows
    }

    /// Ids of the feed that the endpoint did not get, or ids that it got and the feed does not have.
    func wrongWebhooks(_ inbox: WebhookInbox) async throws -> [String] {
        var ids = Set(
            try await bed.server.query(
                """
                SELECT coalesce(event.id, feed.outbox_id) FROM feed
                LEFT JOIN event ON event.outbox_id = feed.outbox_id AND event.identity = feed.identity;
                """,
                database: bed.database
            )
        )
        var wrong: [String] = []
        for (id, arrival) in inbox.all where ids.remove(id) == nil {
            wrong.append("\(id) (\(arrival.type)) is not in the feed")
        }
        return wrong + ids.map { "\($0) did not come" }
    }
}
