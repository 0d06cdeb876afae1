import Foundation
import Measure

/// Waits until nothing is left to do after the last fault, or says what is stuck.
struct FaultDrain: Sendable {
    /// Longer than a delivery's claim, which a killed node leaves behind, and all leases and graces.
    private static let patience = 90.0

    let bed: Bed
    let inbox: WebhookInbox

    private static let waiting = """
        SELECT n || ' ' || what FROM (
            SELECT 'entries in ready' AS what, count(*) AS n FROM ready UNION ALL
            SELECT 'entries in deferred', count(*) FROM deferred UNION ALL
            SELECT 'claims', count(*) FROM claim UNION ALL
            SELECT 'rows without an end', count(*) FROM outbox WHERE status < 40 UNION ALL
            SELECT 'events without a place', count(*) FROM event_batch UNION ALL
            SELECT 'deliveries', count(*) FROM webhook_queue UNION ALL
            SELECT 'unjoined feedback', count(*) FROM feedback_waiting
        ) AS w WHERE n > 0;
        """

    private struct Summary: Decodable {
        struct Events: Decodable {
            let idle: Bool
        }

        let events: Events
    }

    /// - Returns: what was still waiting when patience ended; none when all is done.
    func wait() async throws -> [String] {
        let end = BootTime.now() + Int64(Self.patience * 1e9)
        while true {
            let left = try await self.left()
            if left.isEmpty { return [] }
            guard BootTime.now() < end else { return left.map { "stuck: \($0)" } + (try await examples()) }
            try await pause(0.25)
        }
    }

    private func left() async throws -> [String] {
        var left = try await bed.server.query(Self.waiting, database: bed.database)
        guard left.isEmpty else { return left }
        let summary = try await bed.simulator.peer.get("/_simulator/summary").body
        if try !JSONDecoder().decode(Summary.self, from: Data(summary)).events.idle { left.append("SES's events") }
        let feed = try await bed.server.query("SELECT count(*) FROM feed;", database: bed.database)
        let told = inbox.count
        if feed.first.flatMap({ Int($0) }) != told { left.append("webhooks: \(told) of \(feed.first ?? "?")") }
        return left
    }

    /// A few of what is stuck, to look for in the logs.
    private func examples() async throws -> [String] {
        try await bed.server.query(
            """
            (SELECT 'deferred ' || id || ' due ' || due_at || ' for ' || reason FROM deferred LIMIT 5) UNION ALL
            (SELECT 'claim ' || id || ' of ' || node || ' ' || epoch || ' at ' || claimed_at FROM claim LIMIT 5) UNION ALL
            (SELECT 'ready ' || id || ' in lane ' || lane_id FROM ready LIMIT 5) UNION ALL
            (SELECT 'outbox ' || id || ' ' || status_name(status) || ' ' || updated_at FROM outbox WHERE status < 40 LIMIT 5) UNION ALL
            (SELECT 'delivery ' || delivery_id || ' due ' || due_at || ' attempt ' || attempt FROM webhook_queue LIMIT 5) UNION ALL
            SELECT 'now ' || now();
            """,
            database: bed.database
        )
    }
}
