import Foundation
import Logging
import Outbox
import Postgres

/// Writes results: the log, the queue, and the health of the endpoints, in one transaction. Endpoints are locked before queue
/// rows, both in the order of their ids.
struct ResultStore: Sendable {
    /// Attempts that a delivery's log holds: the first and the last ones.
    private static let attempts = 50
    private static let revival = Int16(DeliveryPolicy.successesToRevive)

    let pool: PostgresPool
    let disabler: EndpointDisabler

    /// Writes a batch in which no delivery comes twice; returns the endpoints that it disabled.
    func write(_ results: [DeliveryResult]) async throws -> [EndpointDisabler.Disabled] {
        let changes = EndpointHealth.changes(results)
        return try await pool.withTransaction { connection in
            var disabled: [EndpointDisabler.Disabled] = []
            let verdicts = changes.isEmpty ? [] : try await write(changes, on: connection)
            try await settle(results, on: connection)
            for verdict in verdicts {
                if verdict.isRevived { try await revive(verdict.endpointID, on: connection) }
                guard let reason = verdict.reason else { continue }
                if let endpoint = try await disabler.disable(verdict.endpointID, reason: reason, on: connection) {
                    disabled.append(endpoint)
                }
            }
            return disabled
        }
    }

    private struct HealthVerdict {
        let endpointID: PostgresUUID
        let isRevived: Bool
        let reason: EndpointDisabler.Reason?
    }

    private func write(
        _ changes: [EndpointHealth],
        on connection: PostgresConnection
    ) async throws -> [HealthVerdict] {
        let rows = try await connection.query(
            """
            WITH h AS MATERIALIZED (
                SELECT * FROM unnest(\(changes.map(\.endpointID)), \(changes.map(\.hasSucceeded)),
                                     \(changes.map { Int32($0.successes) }), \(changes.map(\.hasFailed)),
                                     \(changes.map { Int32($0.failures) }), \(changes.map(\.failingSince)),
                                     \(changes.map(\.failingFrom)), \(changes.map(\.hold)))
                    AS h (id, has_succeeded, successes, has_failed, failures, failing_since, failing_from, hold)
            ), old AS MATERIALIZED (
                SELECT id, failures,
                       coalesce(revive_after, CASE WHEN failures >= \(Int32(DeliveryPolicy.failuresToProbe))
                                                   THEN \(Self.revival) END) AS revive_after
                FROM webhook_endpoint WHERE id = ANY (\(changes.map(\.endpointID)))
                ORDER BY id FOR UPDATE
            ), new AS MATERIALIZED (
                SELECT h.*, CASE
                    WHEN h.failures > 0 AND old.revive_after IS NULL
                        THEN CASE WHEN CASE WHEN h.has_succeeded THEN 0 ELSE old.failures END + h.failures
                                       >= \(Int32(DeliveryPolicy.failuresToProbe)) THEN \(Self.revival) END
                    WHEN old.revive_after IS NULL THEN NULL
                    WHEN h.failures > 0 THEN \(Self.revival)
                    WHEN h.has_failed THEN \(Self.revival) - h.successes
                    ELSE old.revive_after - h.successes END AS revive_after
                FROM old JOIN h ON h.id = old.id
            )
            UPDATE webhook_endpoint AS e SET
                failures = CASE WHEN h.has_succeeded THEN 0 ELSE e.failures END + h.failures,
                failing_since = CASE WHEN h.failures = 0 THEN NULL
                    WHEN h.has_succeeded THEN h.failing_since ELSE coalesce(e.failing_since, h.failing_since) END,
                failing_from = CASE WHEN h.failures = 0 THEN NULL
                    WHEN h.has_succeeded THEN h.failing_from ELSE least(e.failing_from, h.failing_from) END,
                hold_until = CASE WHEN h.hold IS NULL THEN e.hold_until
                    ELSE greatest(e.hold_until, clock_timestamp() + h.hold) END,
                revive_after = CASE WHEN h.revive_after IS NOT NULL THEN greatest(h.revive_after, 1) END
            FROM new AS h WHERE e.id = h.id
            RETURNING e.id, coalesce(h.revive_after <= 0, false)
                    AND coalesce(e.revived_at <= clock_timestamp() - \(DeliveryPolicy.revivalPause), true),
                e.failures >= \(Int32(DeliveryPolicy.failuresToDisable))
                    AND e.failing_since <= clock_timestamp() - \(DeliveryPolicy.patience)
            """
        ).decode(PostgresUUID.self, Bool.self, Bool?.self)
        let gone = Set(changes.filter(\.isGone).map(\.endpointID))
        return rows.map { id, isRevived, isOverdue in
            HealthVerdict(
                endpointID: id,
                isRevived: isRevived,
                reason: gone.contains(id) ? .gone : isOverdue == true ? .failing : nil
            )
        }
    }

    /// A queue row that is not where its claim put it belongs to another claim, and stays.
    private func settle(_ results: [DeliveryResult], on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            WITH r AS MATERIALIZED (
                SELECT * FROM unnest(
                    \(results.map(\.delivery.id)), \(results.map(\.delivery.endpointID)), \(results.map(\.delivery.isReplay)),
                    \(results.map(\.delivery.claimedUntil)), \(results.map(\.delay)), \(results.map(\.status.rawValue)),
                    \(results.map(\.logEntry)), \(results.map(\.counts))
                ) AS r (id, endpoint_id, replay, claimed_until, delay, status, entry, counts)
            ), logged AS (
                UPDATE webhook_delivery AS d SET
                    status = CASE WHEN r.status = \(DeliveryStatus.delivered.rawValue)
                                    OR d.status = \(DeliveryStatus.pending.rawValue) THEN r.status ELSE d.status END,
                    attempts = CASE WHEN r.entry IS NULL THEN d.attempts
                        WHEN jsonb_array_length(d.attempts) >= \(Int32(Self.attempts)) THEN (d.attempts - 1) || r.entry::jsonb
                        ELSE d.attempts || r.entry::jsonb END
                FROM r WHERE d.id = r.id
            ), again AS (
                UPDATE webhook_queue AS q SET due_at = clock_timestamp() + r.delay, parked = r.delay > \(QueueSQL.soon),
                    attempt = q.attempt + CASE WHEN r.counts THEN 1 ELSE 0 END,
                    scheduled_at = CASE WHEN r.entry IS NULL THEN q.scheduled_at END
                FROM r
                WHERE r.delay IS NOT NULL AND q.endpoint_id = r.endpoint_id AND q.replay = r.replay
                  AND q.due_at = r.claimed_until AND q.delivery_id = r.id
            )
            DELETE FROM webhook_queue AS q USING r
            WHERE r.delay IS NULL AND q.endpoint_id = r.endpoint_id AND q.replay = r.replay
              AND q.due_at = r.claimed_until AND q.delivery_id = r.id
            """
        )
    }

    /// What waits long for a retry comes soon. Where that is more than comes at once, the rest needs another success later.
    private func revive(_ endpoint: PostgresUUID, on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            WITH \(QueueSQL.bringForward(endpoint: "\(endpoint)"))
            UPDATE webhook_endpoint SET revived_at = clock_timestamp(),
                revive_after = CASE WHEN (SELECT count(*) FROM forward) >= \(Int64(QueueSQL.revival)) THEN 1 END
            WHERE id = \(endpoint)
            """
        )
    }
}
