import Foundation
import Postgres

/// Statements on endpoints that more than one change needs. The endpoint's row is locked before any other of its rows.
enum EndpointStatements {
    /// What one endpoint may have due when a tenant adds to it; fan-out keeps far below.
    static let queueLimit = 1000

    /// Locks an endpoint for a change.
    static func locked(_ id: UUID, tenantID: Int32, on connection: PostgresConnection) async throws -> WebhookEndpoint {
        let rows = try await connection.query(
            """
            SELECT \(EndpointRow.columns) FROM webhook_endpoint WHERE id = \(id) AND tenant_id = \(tenantID) FOR UPDATE
            """
        )
        guard let row = rows.first else { throw EndpointError.noEndpoint }
        return try EndpointRow.endpoint(row)
    }

    /// Locks an endpoint that takes deliveries, and has room for one more.
    static func lockedForDelivery(
        _ id: UUID,
        tenantID: Int32,
        on connection: PostgresConnection
    ) async throws -> WebhookEndpoint {
        let endpoint = try await locked(id, tenantID: tenantID, on: connection)
        guard endpoint.status == .active else { throw EndpointError.disabled }
        let queued = try await connection.query(
            """
            SELECT count(*) FROM (
                SELECT FROM webhook_queue
                WHERE endpoint_id = \(id) AND replay IN (false, true) AND due_at <= now() + \(QueueSQL.soon)
                LIMIT \(Int64(queueLimit))) AS queued
            """
        ).decode(Int.self).first
        guard (queued ?? 0) < queueLimit else {
            throw EndpointError(.conflict, "\(queueLimit) deliveries to this webhook wait already; try again later")
        }
        return endpoint
    }

    /// Ends all that waits for an endpoint. What a dispatcher has in its hands just now is left to it, so that neither
    /// waits for the other; the sweep of what disabled endpoints leave behind ends the rest.
    static func discardQueue(_ id: UUID) -> SQL {
        """
        WITH waiting AS MATERIALIZED (
            SELECT q.replay, q.due_at, q.delivery_id, d.status, d.sequenced_at
            FROM webhook_queue AS q JOIN webhook_delivery AS d ON d.id = q.delivery_id
            WHERE q.endpoint_id = \(id) FOR UPDATE OF q, d SKIP LOCKED
        ), gone AS (
            DELETE FROM webhook_queue AS q USING waiting
            WHERE q.endpoint_id = \(id) AND q.replay = waiting.replay AND q.due_at = waiting.due_at
              AND q.delivery_id = waiting.delivery_id
        ), ended AS (
            DELETE FROM webhook_replay WHERE endpoint_id = \(id)
        ), noted AS (
            UPDATE webhook_endpoint AS e SET missed_from = least(e.missed_from, missed.since)
            FROM (SELECT min(sequenced_at) AS since FROM waiting
                  WHERE status = \(DeliveryStatus.pending.rawValue)) AS missed
            WHERE e.id = \(id)
        )
        UPDATE webhook_delivery AS d SET status = \(DeliveryStatus.discarded.rawValue)
        FROM waiting WHERE d.id = waiting.delivery_id AND d.status = \(DeliveryStatus.pending.rawValue)
        """
    }

    /// Makes the deliveries of `source` (endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at, replay), due
    /// now; returns (id, event_id) of each.
    static func deliver(_ source: SQL) -> SQL {
        """
        WITH made AS (
            INSERT INTO webhook_delivery (id, endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at, replay)
            SELECT new_id(), endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at, replay
            FROM (\(source)) AS source
            RETURNING id, endpoint_id, event_id, replay
        ), queued AS (
            INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
            SELECT endpoint_id, replay, clock_timestamp(), id FROM made
        )
        SELECT id, event_id FROM made
        """
    }
}
