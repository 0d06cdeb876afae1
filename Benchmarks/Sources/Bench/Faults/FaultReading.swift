import Foundation
import Measure

/// Collects what the database, SES and the endpoint know after a run.
struct FaultReading: Sendable {
    private static let names = [
        "Delivery": "email.delivered", "Bounce": "email.bounced", "Complaint": "email.complained",
        "DeliveryDelay": "email.delivery_delayed", "Reject": "email.rejected", "Send": "email.sent",
    ]

    let bed: Bed

    private struct Said: Decodable {
        let outbox_id: String
        let recipient: String?
        let type: String
        let state: String
    }

    private struct Outcome: Decodable {
        let outbox_id: String
        let recipient: String
        let status: String
        let possible: [String]?
    }

    func witness(posts: [Int: FaultWitness.Post], inbox: WebhookInbox) async throws -> FaultWitness {
        var witness = FaultWitness()
        witness.posts = posts
        var places: [String: RowID] = [:]
        for line in try await bed.server.query(Self.rows, database: bed.database) {
            let parts = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, let id = RowID(parts[0].utf8) else { throw Failure("a row reads \(line)") }
            places[String(parts[1])] = id
            witness.rows[id] = .init(
                post: FaultLoad.post(of: parts[1]) ?? -1,
                status: String(parts[2]),
                detail: String(parts[3])
            )
        }
        for line in try await bed.server.query(Self.events, database: bed.database) {
            let parts = line.split(separator: "|")
            guard parts.count == 3, let id = RowID(parts[0].utf8), let count = Int(parts[2]) else {
                throw Failure("an event reads \(line)")
            }
            if parts[1] == "email.unknown" {
                witness.rows[id]?.unknowns = count
            } else if Self.names.values.contains(String(parts[1])) {
                witness.rows[id]?.events[String(parts[1])] = count
            }
        }
        witness.sends = try await bed.simulator.ledger()
        for said in try await lines("events", as: Said.self) {
            guard let type = Self.names[said.type] else { continue }
            // A call for all its recipients carries the message's id.
            guard let row = said.recipient.flatMap({ places[$0] }) ?? RowID(said.outbox_id.utf8) else { continue }
            witness.said.append(.init(row: row, type: type, isTaken: said.state == "delivered"))
        }
        for outcome in try await lines("outcomes", as: Outcome.self) {
            guard let row = places[outcome.recipient] ?? RowID(outcome.outbox_id.utf8) else { continue }
            witness.outcomes[row] = Set([outcome.status] + (outcome.possible ?? []))
        }
        let check = FeedbackCheck(bed: bed)
        witness.complaints += try await check.wrongPlaces().map { "the feed: \($0)" }
        witness.complaints += try await check.wrongWebhooks(inbox).map { "webhooks: \($0)" }
        return witness
    }

    private static let rows = """
        SELECT id, email, status_name(status), translate(coalesce(detail, ''), E'|\\n', '  ') FROM outbox;
        """
    private static let events = "SELECT outbox_id, type, count(*) FROM event GROUP BY 1, 2;"

    private func lines<Line: Decodable>(_ route: String, as type: Line.Type) async throws -> [Line] {
        let decoder = JSONDecoder()
        return try await bed.simulator.peer.get("/_simulator/\(route)").text.split(separator: "\n")
            .map { try decoder.decode(Line.self, from: Data($0.utf8)) }
    }

    /// Writes what there is to look at later.
    func keep(in folder: String) async throws {
        for route in ["ledger", "events", "outcomes"] {
            let body = try await bed.simulator.peer.get("/_simulator/\(route)").body
            try Data(body).write(to: URL(filePath: "\(folder)/\(route).ndjson"))
        }
        for table in [
            "outbox", "event", "feed", "claim", "deferred", "ready", "send_log", "lease", "leader", "webhook_queue",
            "webhook_delivery",
            "webhook_endpoint", "feed_head",
        ] {
            let rows = try await bed.server.query("SELECT * FROM \(table);", database: bed.database)
            try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/\(table).txt"))
        }
    }
}
