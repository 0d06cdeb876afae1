import Mail
public import Postgres

/// Ends the waiting of entries whose time to be sent is over, wherever they wait.
public struct ExpirySweep: Sendable {
    public static let batch = 500

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Expires at most `batch` messages; returns how many were due.
    ///
    /// An entry that is being sent just now is not touched: its claimer looks at the time itself.
    public func sweep() async throws -> Int {
        let rows = try await pool.query(
            """
            WITH due AS MATERIALIZED (
                SELECT ctid AS tid, id, lane_id, priority FROM expiry
                WHERE expires_at <= now() ORDER BY expires_at, id LIMIT \(Int32(Self.batch)) FOR UPDATE SKIP LOCKED
            ), \(WaitingEntries.end("due", with: .expired, event: .expired)), gone AS (
                -- A broadcast of which entries may be left comes up again.
                DELETE FROM expiry WHERE ctid = ANY (ARRAY(
                    SELECT tid FROM due
                    WHERE id NOT IN (SELECT message_of(id) FROM owned
                                     GROUP BY 1 HAVING count(*) >= \(WaitingEntries.most))))
            )
            SELECT count(*) FROM due
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }
}
