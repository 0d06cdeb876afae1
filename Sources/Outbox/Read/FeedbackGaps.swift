import Mail
public import Postgres

/// Looks for mail that SES took and has said nothing about.
public struct FeedbackGaps: Sendable {
    /// What was found among an account's latest sends.
    public struct Count: Hashable, Sendable {
        /// Recipients that were looked at.
        public let looked: Int
        public let missing: Int

        /// More than a twentieth has had no word: somebody should look.
        public var isLosing: Bool { missing * 20 > looked }

        public init(looked: Int, missing: Int) {
            self.looked = looked
            self.missing = missing
        }
    }

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Among the last `sends` calls of the last day that SES took and that are older than `bound`.
    public func count(accountID: Int32, olderThan bound: Duration, sends: Int = 1_000) async throws -> Count {
        let rows = try await pool.query(
            """
            WITH last AS MATERIALIZED (
                SELECT outbox_id FROM send_log
                WHERE account_id = \(accountID) AND outcome = 'sent'
                  AND at < now() - \(bound) AND at >= now() - \(bound) - interval '1 day'
                ORDER BY at DESC LIMIT \(sends)
            )
            SELECT count(*), count(*) FILTER (WHERE NOT o.heard AND o.status = \(MessageStatus.sent.rank))
            FROM last CROSS JOIN LATERAL (
                SELECT heard, status FROM outbox WHERE outbox.id BETWEEN last.outbox_id AND last_of(last.outbox_id) OFFSET 0
            ) AS o
            """
        )
        let (looked, missing) = try rows.decode(Int.self, Int.self).first ?? (0, 0)
        return Count(looked: looked, missing: missing)
    }
}
