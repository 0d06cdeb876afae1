import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

/// What `GET /messages/{id}/events` shows is what the feed shows: the same events, with the same ids and statuses.
@Suite(.timeLimit(.minutes(5))) struct MessageEventsTests {
    private struct Line: Hashable {
        let id: String
        let type: String
        let status: String?
    }

    @Test func theyAreTheFeeds() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "gone@b.example", "c@b.example"])
            let later = try world.message(recipients: ["d@b.example"], scheduledAt: Date(timeIntervalSinceNow: 3600))
            _ = try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(message.tenantID), 'gone@b.example', 'manual')"
            )
            try await world.accept([message, later])
            let calls = try await world.claim(message.laneID, 2)
            try await world.settle(
                calls.enumerated().map { Outcome(call: $1, result: .sent(sesMessageID: "ses-\($0)")) }
            )
            var turn = SequencerTurn()
            while try await turn.take(from: pool) > 0 {}
            let reader = FeedReader(pool: pool)
            let start = try await reader.position(tenantID: message.tenantID, after: 0)
            let feed = try await reader.page(tenantID: message.tenantID, after: start, limit: 100).entries
            var told: [Line] = []
            for entry in feed {
                let data = try JSONSerialization.jsonObject(with: Data(entry.data.utf8)) as? [String: Any]
                told.append(Line(id: entry.id, type: entry.type, status: data?["status"] as? String))
            }
            #expect(told.count == 6)
            var own: [Line] = []
            for id in [message.id, later.id] {
                let events = try await MessageReader(pool: pool).events(id, tenantID: message.tenantID)
                own += (events?.events ?? []).map {
                    Line(id: $0.id, type: $0.type.rawValue, status: $0.status.rawValue)
                }
            }
            #expect(own.count == 6 && Set(own) == Set(told))
            #expect(Set(own.map(\.type)) == ["email.queued", "email.scheduled", "email.suppressed", "email.sent"])
        }
    }
}
