import Mail
public import Postgres

/// Takes over what a dead life of a node had claimed. Which of it reached SES nobody knows: it becomes `unknown`.
public struct ClaimRecovery: Sendable {
    /// Recovers claims that were committed after their life had been retired. Nothing of them reached SES, because their
    /// node's deadline had passed; but only the node knows that, and it may be gone.
    public static func recoverAbandoned(
        grace: Duration,
        as reason: DeferredReason = .unknown,
        in pool: PostgresPool
    ) async throws -> Int {
        let lives = try await pool.query(
            """
            SELECT DISTINCT claim.node, claim.epoch
            FROM claim LEFT JOIN lease ON lease.node = claim.node AND lease.epoch = claim.epoch
            WHERE lease.state IS DISTINCT FROM 'live'
            """
        ).decode(String.self, Int64.self)
        var recovered = 0
        for (node, epoch) in lives {
            recovered += try await pool.withTransaction { connection in
                try await recover(node: node, epoch: epoch, grace: grace, as: reason, on: connection)
            }
        }
        return recovered
    }

    /// Recovers the open claims of one life, in the transaction that retires it. Returns how many rows became unknown.
    ///
    /// - Parameter grace: how long to wait for SES's word before the tenant's policy decides.
    public static func recover(
        node: String,
        epoch: Int64,
        grace: Duration,
        as reason: DeferredReason = .unknown,
        on connection: PostgresConnection
    ) async throws -> Int {
        let rows = try await connection.query(
            """
            WITH dead AS MATERIALIZED (
                -- In the order in which settling locks them.
                DELETE FROM claim WHERE id = ANY (ARRAY(
                    SELECT id FROM claim WHERE node = \(node) AND epoch = \(epoch) ORDER BY id FOR UPDATE))
                RETURNING id, entries
            ), entry AS (
                SELECT dead.id AS claim, e.id FROM dead CROSS JOIN LATERAL unnest(dead.entries) AS e (id)
            ), moved AS (
                UPDATE outbox SET
                    status = greatest(\(MessageStatus.unknown.rank), CASE WHEN outbox.status >= \(MessageStatus.sent.rank)
                                                                          THEN outbox.status ELSE 0 END),
                    attempt = attempt + 1, claim_id = entry.claim, updated_at = clock_timestamp(),
                    detail = CASE WHEN outbox.status >= \(MessageStatus.sent.rank) THEN outbox.detail
                                  ELSE 'the node stopped before the outcome was known' END
                FROM (SELECT * FROM entry ORDER BY id) AS entry
                WHERE outbox.id BETWEEN entry.id AND last_of(entry.id)
                  AND outbox.claim_id IS DISTINCT FROM entry.claim
                  AND outbox.status <> \(MessageStatus.suppressed.rank)
                RETURNING outbox.tenant_id, outbox.id, outbox.status, entry.id AS entry, entry.claim, outbox.attempt
            ), waiting AS (
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                SELECT message.lane_id, clock_timestamp() + \(grace), e.entry, message.priority,
                       e.recipients, \(reason.rawValue)
                FROM (SELECT entry, count(*)::smallint AS recipients FROM moved GROUP BY entry
                      HAVING min(status) < \(MessageStatus.sent.rank)) AS e  -- else SES has spoken already
                JOIN message ON message.id = message_of(e.entry)
                ON CONFLICT DO NOTHING
            ), happened AS (
                SELECT tenant_id, id, \(EventType.unknown.rawValue) || ':' || claim AS identity,
                       \(EventType.unknown.rawValue) AS type, status,
                       jsonb_build_object('attempt', attempt, 'reason', 'the node stopped before the outcome was known') AS data
                FROM moved WHERE status < \(MessageStatus.sent.rank)
            ), \(EventRecord.record("happened"))
            SELECT count(*) FROM moved
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }
}
