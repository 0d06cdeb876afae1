import Postgres

/// Writes what SES says of an account, for people to see and for the 24-hour quota.
struct AccountStateStore: Sendable {
    private let pool: PostgresPool
    private let accountID: Int32

    init(pool: PostgresPool, accountID: Int32) {
        self.pool = pool
        self.accountID = accountID
    }

    /// Says what SES answered about the account's quota.
    func write(
        rate: Double,
        daily: Double,
        sent: Double,
        sandbox: Bool,
        sendingEnabled: Bool
    ) async throws {
        _ = try await pool.query(
            """
            INSERT INTO account_state (account_id, quota_rate, quota_daily, sent_24h, sandbox, sending_enabled, checked_at)
            VALUES (\(accountID), \(rate), \(daily), \(sent), \(sandbox), \(sendingEnabled), now())
            ON CONFLICT (account_id) DO UPDATE SET
                quota_rate = excluded.quota_rate, quota_daily = excluded.quota_daily, sent_24h = excluded.sent_24h,
                sandbox = excluded.sandbox, sending_enabled = excluded.sending_enabled, checked_at = excluded.checked_at
            """
        )
    }
}
