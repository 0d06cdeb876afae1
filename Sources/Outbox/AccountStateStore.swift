public import Postgres

/// Writes what a leader has found out about its account, for people to see.
public struct AccountStateStore: Sendable {
    private let pool: PostgresPool
    private let accountID: Int32

    public init(pool: PostgresPool, accountID: Int32) {
        self.pool = pool
        self.accountID = accountID
    }

    /// Says why nothing is sent, or (nil) that it is.
    public func write(park: AccountPark?, detail: String) async throws {
        _ = try await pool.query(
            """
            INSERT INTO account_state (account_id, parked, parked_detail, parked_since)
            VALUES (\(accountID), \(park?.rawValue), \(park == nil ? nil : detail),
                    CASE WHEN \(park != nil) THEN now() END)
            ON CONFLICT (account_id) DO UPDATE SET
                parked = excluded.parked, parked_detail = excluded.parked_detail,
                parked_since = CASE WHEN account_state.parked IS NOT DISTINCT FROM excluded.parked
                                    THEN account_state.parked_since ELSE excluded.parked_since END
            """
        )
    }

    /// Says what SES answered about the account's quota.
    public func write(rate: Double, daily: Double, sent: Double) async throws {
        _ = try await pool.query(
            """
            INSERT INTO account_state (account_id, quota_rate, quota_daily, sent_24h, checked_at)
            VALUES (\(accountID), \(rate), \(daily), \(sent), now())
            ON CONFLICT (account_id) DO UPDATE SET
                quota_rate = excluded.quota_rate, quota_daily = excluded.quota_daily, sent_24h = excluded.sent_24h,
                checked_at = excluded.checked_at
            """
        )
    }
}
