import Postgres

/// The statements on keys. A key in use is never waited for, so that no two flushes can wait for each other, and no
/// request for a stranger's.
enum IdempotencyStatement {
    /// Tries the locks of all keys at once, until the end of the transaction: (lock, whether it was free).
    static func lock(_ keys: [IdempotencyKey]) -> SQL {
        """
        SELECT number, pg_try_advisory_xact_lock(number) FROM unnest(\(keys.map(\.lock))) AS k (number)
        """
    }

    /// What was answered under the keys in the last 24 hours: (key hash, request hash, answer). After the lock, in a
    /// statement of its own: whoever has the lock sees what the one before it committed. That one may have begun after this
    /// transaction, and the clock may have been set back since, so the times go a day further than now; the bound keeps
    /// next week's partitions out.
    static func find(_ keys: [(tenantID: Int32, key: IdempotencyKey)]) -> SQL {
        """
        SELECT k.key_hash, found.request_hash, found.answer
        FROM unnest(\(keys.map(\.tenantID)), \(keys.map(\.key.hash))) AS k (tenant_id, key_hash)
        CROSS JOIN LATERAL (
            SELECT request_hash, answer FROM idempotency
            WHERE idempotency.tenant_id = k.tenant_id AND idempotency.key_hash = k.key_hash
                AND created_at > now() - interval '24 hours' AND created_at < now() + interval '1 day'
            ORDER BY created_at DESC LIMIT 1
        ) AS found
        """
    }

    /// Gives a transaction that only reads something to commit, so that its COMMIT waits for the synchronous standby. What
    /// was found may be seen here before the standby has it, and an answer that a failover takes back would be a lie.
    static let awaitStandby: SQL = "SELECT pg_logical_emit_message(true, 'sluice', '')"

    static func keep(_ answers: [(tenantID: Int32, key: IdempotencyKey, answer: String)]) -> SQL {
        """
        INSERT INTO idempotency (tenant_id, key_hash, request_hash, answer)
        SELECT * FROM unnest(\(answers.map(\.tenantID)), \(answers.map(\.key.hash)), \(answers.map(\.key.requestHash)),
                             \(answers.map(\.answer)))
        """
    }
}
