public import Foundation
import Outbox
import Postgres

extension EndpointStore {
    /// An endpoint as it is after a change.
    public struct Changed: Sendable {
        public let endpoint: WebhookEndpoint
        /// When the endpoint was enabled again: everything since then may have been missed, and a replay brings it.
        public let missedSince: Date?

        public init(endpoint: WebhookEndpoint, missedSince: Date?) {
            self.endpoint = endpoint
            self.missedSince = missedSince
        }
    }

    /// Sets the members that are given.
    ///
    /// Disabling discards what waits. Enabling begins at the end of the feed, with a clean slate; where the endpoint is
    /// active already, it changes nothing, so that a repeated request skips no event.
    /// - Parameter change: checked.
    public func change(
        _ id: UUID,
        _ change: EndpointChange,
        tenantID: Int32,
        actor: String
    ) async throws -> Changed {
        if change.status == .active { try await emptyQueue(of: id, tenantID: tenantID) }
        let end = try await end(tenantID: tenantID)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            let before = try await EndpointStatements.locked(id, tenantID: tenantID, on: connection)
            guard !change.names.isEmpty else { return Changed(endpoint: before, missedSince: nil) }
            var missedSince: Date?
            if let status = change.status, status != before.status {
                _ = try await connection.query(EndpointStatements.discardQueue(id))
                missedSince = try await self.missedSince(before, on: connection)
                _ = try await connection.query(Self.set(status, id, tenantID: tenantID, end: end))
            }
            if let url = change.url, url != before.url {
                _ = try await connection.query(Self.startAgain(id, tenantID: tenantID))
            }
            let rows = try await connection.query(try Self.set(change, id, tenantID: tenantID))
            guard let row = rows.first else { throw EndpointError.noEndpoint }
            let detail = change.names.joined(separator: ", ")
            try await audit("change", id, tenantID: tenantID, detail: detail, actor: actor, on: connection)
            return Changed(endpoint: try EndpointRow.endpoint(row), missedSince: missedSince)
        }
    }

    /// Ends what is left of the queue of a disabled endpoint, so that nothing from before is sent. Waits for dispatchers that
    /// write results just now, and holds nothing meanwhile that they need.
    private func emptyQueue(of id: UUID, tenantID: Int32) async throws {
        for _ in 0..<100 {
            let isEmpty = try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
                let endpoint = try await EndpointStatements.locked(id, tenantID: tenantID, on: connection)
                guard endpoint.status == .disabled else { return true }
                _ = try await connection.query(EndpointStatements.discardQueue(id))
                return try await connection.query(
                    """
                    SELECT FROM webhook_queue AS q JOIN webhook_delivery AS d ON d.id = q.delivery_id
                    WHERE q.endpoint_id = \(id) LIMIT 1
                    """
                ).isEmpty
            }
            if isEmpty { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw EndpointError(.conflict, "results of this webhook are still being written; try again in a moment")
    }

    /// Nil for an endpoint that is active.
    private func missedSince(_ endpoint: WebhookEndpoint, on connection: PostgresConnection) async throws -> Date? {
        guard endpoint.status == .disabled else { return nil }
        return try await connection.query(
            """
            SELECT \(QueueSQL.missedSince) FROM webhook_endpoint AS e WHERE e.id = \(endpoint.id)
            """
        ).decode(Date.self).first
    }

    private static func set(
        _ status: WebhookEndpoint.Status,
        _ id: UUID,
        tenantID: Int32,
        end: FeedPosition
    ) -> SQL {
        switch status {
        case .disabled:
            """
            UPDATE webhook_endpoint SET status = 'disabled', disabled_reason = 'tenant', disabled_at = clock_timestamp()
            WHERE id = \(id) AND tenant_id = \(tenantID)
            """
        case .active:
            """
            UPDATE webhook_endpoint SET status = 'active', disabled_reason = NULL, disabled_at = NULL, failures = 0,
                failing_since = NULL, failing_from = NULL, missed_from = NULL, hold_until = NULL, probe_at = NULL, revive_after = NULL, cursor_seq = \(end.seq), cursor_at = \(end.at)
            WHERE id = \(id) AND tenant_id = \(tenantID)
            """
        }
    }

    /// What the old URL asked for and missed says nothing about the new one: what is parked comes soon, and the rest of it
    /// after some successes.
    private static func startAgain(_ id: UUID, tenantID: Int32) -> SQL {
        """
        WITH \(QueueSQL.bringForward(endpoint: "\(id)"))
        UPDATE webhook_endpoint SET hold_until = NULL, probe_at = NULL, revived_at = NULL,
            revive_after = CASE WHEN (SELECT count(*) FROM forward) >= \(Int64(QueueSQL.revival))
                                THEN \(Int16(DeliveryPolicy.successesToRevive)) ELSE revive_after END
        WHERE id = \(id) AND tenant_id = \(tenantID)
        """
    }

    private static func set(_ change: EndpointChange, _ id: UUID, tenantID: Int32) throws -> SQL {
        """
        UPDATE webhook_endpoint SET
            url = coalesce(\(change.url), url), description = coalesce(\(change.description), description),
            events = CASE WHEN \(change.events != nil) THEN \(change.events ?? nil) ELSE events END,
            filter = coalesce(\(try change.filter.map(EndpointRow.json))::jsonb, filter),
            max_rate = CASE WHEN \(change.maxRate != nil) THEN \((change.maxRate ?? nil).map { Int32($0) })
                            ELSE max_rate END,
            version = version + 1
        WHERE id = \(id) AND tenant_id = \(tenantID) RETURNING \(EndpointRow.columns)
        """
    }
}
