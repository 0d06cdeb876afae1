import Foundation
import Outbox
import Postgres
import Sealing
import Signing

/// Claims deliveries that are due, of all endpoints in one statement.
struct DeliveryClaimer: Sendable {
    /// How long a claim holds: longer than a request can take. A dead node's deliveries come back after it.
    static let lease = Duration.seconds(60)

    let pool: PostgresPool
    /// Opens secrets that are sealed.
    var vault: Vault?

    /// Takes at most `free` deliveries. Of each endpoint the live ones go first, and one of a replay only when no live one is
    /// due; a failing endpoint gets one at a time. Where not all can be taken, each endpoint gets its first before another
    /// gets its second, and of those whose turn it is, who has waited longest.
    func claim(_ limits: [Bulkhead.Limit], slots: Int, free: Int) async throws -> [ClaimedDelivery] {
        var claimed: [ClaimedDelivery] = []
        for row in try await pool.query(statement(limits, slots: slots, free: free)) {
            claimed.append(try await delivery(row))
        }
        return claimed
    }

    /// Lets claims see what was parked and is due.
    func unpark() async throws {
        _ = try await pool.query(
            """
            UPDATE webhook_queue SET parked = false WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM webhook_queue WHERE parked AND due_at <= now() + interval '1 second'
                ORDER BY due_at LIMIT 5000 FOR UPDATE SKIP LOCKED
            ))
            """
        )
    }

    /// Makes due what was never tried and yet is due later than a claim holds: it was queued or claimed while the database's
    /// clock ran ahead, and would wait until that time comes again.
    func bringBack() async throws {
        _ = try await pool.query(
            """
            UPDATE webhook_queue SET due_at = clock_timestamp() WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM webhook_queue WHERE NOT parked AND attempt = 0 AND due_at > now() + \(QueueSQL.soon)
                LIMIT 5000 FOR UPDATE SKIP LOCKED
            ))
            """
        )
    }

    /// Gives claims back of which nothing was tried.
    func release(_ claimed: [ClaimedDelivery]) async throws {
        _ = try await pool.query(
            """
            UPDATE webhook_queue AS q SET due_at = clock_timestamp()
            FROM unnest(\(claimed.map(\.endpointID)), \(claimed.map(\.isReplay)), \(claimed.map(\.claimedUntil)),
                        \(claimed.map(\.id))) AS c (endpoint_id, replay, claimed_until, id)
            WHERE q.endpoint_id = c.endpoint_id AND q.replay = c.replay AND q.due_at = c.claimed_until
              AND q.delivery_id = c.id
            """
        )
    }

    /// The statement of `claim`; for the test of its plan.
    func statement(_ limits: [Bulkhead.Limit], slots: Int, free: Int) -> SQL {
        """
        WITH RECURSIVE \(QueueSQL.claimable), busy AS MATERIALIZED (
            SELECT * FROM unnest(\(limits.map(\.endpointID)), \(limits.map { Int32($0.inFlight) }), \(limits.map { Int32($0.slots) }),
                                 \(limits.map { $0.allowance.map { Int32(clamping: $0) } }), \(limits.map(\.mayReplay)))
                AS b (id, in_flight, slots, allowance, may_replay)
        ), nodes AS MATERIALIZED (
            SELECT greatest(count(*), 1)::integer AS n FROM lease WHERE state = 'live' AND 'webhooks' = ANY (roles)
        ), open AS MATERIALIZED (
            SELECT e.id, e.url, e.tenant_id, e.secret, CASE WHEN e.old_until > now() THEN e.old_secret END AS old_secret,
                   e.secret_sealed, e.old_secret_sealed,
                   greatest(e.max_rate / nodes.n, CASE WHEN e.max_rate > 0 THEN 1 END) AS max_rate, e.failures, e.revive_after IS NOT NULL AS is_recovering,
                   coalesce(busy.in_flight, 0) AS in_flight,
                   least(CASE WHEN e.failures > 0 THEN 1 ELSE coalesce(busy.slots, \(Int32(slots))) END - coalesce(busy.in_flight, 0),
                         coalesce(busy.allowance, e.max_rate / nodes.n / 10 + 1)) AS room,
                   coalesce(busy.may_replay, true) AS may_replay
            FROM nodes CROSS JOIN claimable JOIN webhook_endpoint AS e ON e.id = claimable.id LEFT JOIN busy ON busy.id = e.id
            WHERE e.status = 'active' AND (e.hold_until IS NULL OR e.hold_until <= now())
        ), live AS MATERIALIZED (
            SELECT q.*, open.in_flight + row_number() OVER (PARTITION BY open.id ORDER BY q.due_at, q.delivery_id) AS turn
            FROM open CROSS JOIN LATERAL (
                SELECT endpoint_id, replay, due_at, delivery_id FROM webhook_queue AS w
                WHERE w.endpoint_id = open.id AND NOT w.replay AND w.due_at <= now()
                ORDER BY w.due_at, w.delivery_id LIMIT greatest(open.room, 0) FOR UPDATE SKIP LOCKED
            ) AS q
        ), replay AS MATERIALIZED (
            SELECT q.*, open.in_flight + 1000 AS turn FROM open CROSS JOIN LATERAL (
                SELECT endpoint_id, replay, due_at, delivery_id FROM webhook_queue AS w
                WHERE w.endpoint_id = open.id AND w.replay AND w.due_at <= now()
                ORDER BY w.due_at, w.delivery_id LIMIT 1 FOR UPDATE SKIP LOCKED
            ) AS q
            WHERE open.may_replay AND open.room > 0
              AND NOT EXISTS (SELECT FROM live WHERE live.endpoint_id = open.id)
        ), chosen AS MATERIALIZED (
            SELECT * FROM (SELECT * FROM live UNION ALL SELECT * FROM replay) AS c ORDER BY turn, due_at LIMIT \(Int32(free))
        ), taken AS (
            UPDATE webhook_queue AS w SET due_at = clock_timestamp() + \(Self.lease) FROM chosen AS c
            WHERE w.endpoint_id = c.endpoint_id AND w.replay = c.replay AND w.due_at = c.due_at
              AND w.delivery_id = c.delivery_id
            RETURNING w.delivery_id, w.endpoint_id, w.replay, w.due_at, w.attempt, w.scheduled_at
        )
        SELECT taken.delivery_id, taken.endpoint_id, taken.replay, taken.due_at, taken.attempt, open.url, open.secret,
               open.old_secret, open.max_rate, open.failures, d.tenant_id, d.event_id::text, d.outbox_id, d.identity,
               taken.scheduled_at, open.is_recovering, d.sequenced_at, open.secret_sealed, open.old_secret_sealed, open.tenant_id
        FROM taken JOIN open ON open.id = taken.endpoint_id LEFT JOIN webhook_delivery AS d ON d.id = taken.delivery_id
        """
    }

    private func delivery(_ row: Row) async throws -> ClaimedDelivery {
        let tenantID = try row[10, as: Int32?.self]
        let secrets = try await self.secrets(row)
        return ClaimedDelivery(
            id: try row[0, as: PostgresUUID.self],
            endpointID: try row[1, as: PostgresUUID.self],
            isReplay: try row[2, as: Bool.self],
            claimedUntil: try row[3, as: Date.self],
            attempts: try row[4, as: Int.self],
            scheduledAt: try row[14, as: Date?.self],
            message: try tenantID.map {
                ClaimedDelivery.Message(
                    tenantID: $0,
                    eventID: try row[11, as: String.self],
                    event: EventReference(
                        outboxID: try row[12, as: PostgresUUID.self],
                        identity: try row[13, as: String.self]
                    ),
                    sequencedAt: try row[16, as: Date?.self]
                )
            },
            url: try row[5, as: String.self],
            secrets: secrets,
            maxRate: try row[8, as: Int?.self],
            failures: try row[9, as: Int.self],
            isRecovering: try row[15, as: Bool.self]
        )
    }

    /// The newest first. None where they cannot be opened: the request fails then, and is made again.
    private func secrets(_ row: Row) async throws -> [WebhookSecret] {
        let endpoint = try row[1, as: PostgresUUID.self]
        let tenantID = try row[19, as: Int32.self]
        var stored = [StoredSecret(bytes: try row[6, as: [UInt8].self], isSealed: try row[17, as: Bool.self])]
        if let old = try row[7, as: [UInt8]?.self] {
            stored.append(StoredSecret(bytes: old, isSealed: try row[18, as: Bool.self]))
        }
        var secrets: [WebhookSecret] = []
        for one in stored {
            guard let secret = try? await one.secret(endpoint: endpoint, tenantID: tenantID, vault: vault) else {
                break
            }
            secrets.append(secret)
        }
        return secrets
    }
}
