import Foundation
import Postgres

/// Leases chunks of an account's rolling 24-hour quota. A chunk counts from the minute in which it was leased; what was not
/// spent of it is given back to that minute.
struct DailyQuotaStore: Sendable {
    typealias Minute = Date

    /// The advisory lock that makes leases of one account wait for each other.
    private static let lockClass: Int32 = 0x51C4
    /// A day, and the two minutes in which a chunk may be spent after the one it counts in.
    private static let minutes: Int32 = 24 * 60 + 2

    private let pool: PostgresPool
    private let accountID: Int32

    init(pool: PostgresPool, accountID: Int32) {
        self.pool = pool
        self.accountID = accountID
    }

    struct Lease: Sendable {
        /// 0: there is nothing left.
        let recipients: Int
        let minute: Minute
        /// Why there is nothing left, in words for people.
        let reason: String
    }

    /// Leases up to `wanted` recipients; less when little is left, so that all workers get some.
    ///
    /// - Parameters:
    ///   - limit: of 24 hours, -1: none; nil: what SES said last.
    ///   - evenOut: no hour may use more than a 24th.
    func lease(_ wanted: Int, limit: Int64?, evenOut: Bool) async throws -> Lease {
        try await pool.withTransaction { connection in
            _ = try await connection.query(
                "SELECT pg_advisory_xact_lock(\(Self.lockClass), \(accountID))"
            )
            let figures = try await connection.query(figures(limit: limit)).decode(
                Date.self,
                Int64.self,
                Int64.self,
                Int64.self
            ).first
            guard let (minute, most, used, hour) = figures else {
                return Lease(recipients: 0, minute: .now, reason: "")
            }
            guard most >= 0 else { return Lease(recipients: wanted, minute: minute, reason: "") }
            let ofDay = most - used
            let ofHour = evenOut ? max(1, most / 24) - hour : .max
            let left = max(0, min(ofDay, ofHour))
            let part = Int(min(Int64(wanted), max(min(left, 1), left / 8)))
            guard part > 0 else {
                return Lease(recipients: 0, minute: minute, reason: Self.reason(most: most, isHour: ofDay > 0))
            }
            _ = try await connection.query(
                """
                INSERT INTO daily_use (account_id, minute, recipients) VALUES (\(accountID), \(minute), \(Int64(part)))
                ON CONFLICT (account_id, minute) DO UPDATE SET recipients = daily_use.recipients + excluded.recipients
                """
            )
            _ = try await connection.query(
                "DELETE FROM daily_use WHERE account_id = \(accountID) AND minute < clock_timestamp() - interval '26 hours'"
            )
            return Lease(recipients: part, minute: minute, reason: "")
        }
    }

    /// What is used of the quota.
    struct Use: Sendable {
        /// -1: there is no limit.
        let most: Int64
        /// Chunks that are leased count, spent or not.
        let used: Int64
    }

    /// - Parameter limit: as for ``lease(_:limit:evenOut:)``.
    func use(limit: Int64?) async throws -> Use {
        let figures = try await pool.query(figures(limit: limit))
            .decode(Date.self, Int64.self, Int64.self, Int64.self).first
        return Use(most: figures?.1 ?? -1, used: figures?.2 ?? 0)
    }

    /// The minute, the limit, and what is used of it in a day and in an hour.
    private func figures(limit: Int64?) -> SQL {
        """
        SELECT date_trunc('minute', clock_timestamp()),
               coalesce(\(limit), state.quota_daily::bigint, -1),
               greatest(coalesce(used.day, 0),
                        CASE WHEN \(limit == nil) THEN coalesce(state.sent_24h::bigint + used.since, 0) ELSE 0 END),
               coalesce(used.hour, 0)
        FROM (SELECT) AS one
        LEFT JOIN account_state AS state ON state.account_id = \(accountID)
        CROSS JOIN LATERAL (
            SELECT sum(recipients)::bigint AS day,
                   coalesce(sum(recipients) FILTER (
                       WHERE minute > date_trunc('minute', state.checked_at) - interval '1 minute'), 0)::bigint AS since,
                   (sum(recipients) FILTER (
                       WHERE minute > clock_timestamp() - interval '62 minutes'))::bigint AS hour
            FROM daily_use
            WHERE account_id = \(accountID)
              AND minute > clock_timestamp() - \(Self.minutes) * interval '1 minute'
        ) AS used
        """
    }

    /// Gives back what was leased in `minute` and not spent.
    func giveBack(_ recipients: Int, of minute: Minute) async throws {
        _ = try await pool.query(
            """
            UPDATE daily_use SET recipients = greatest(0, recipients - \(Int64(recipients)))
            WHERE account_id = \(accountID) AND minute = \(minute)
            """
        )
    }

    private static func reason(most: Int64, isHour: Bool) -> String {
        isHour
            ? "this hour's part of the 24-hour quota of \(most) recipients is used up"
            : "the 24-hour quota of \(most) recipients is used up; it comes back as the sends of the last 24 hours grow old"
    }
}
