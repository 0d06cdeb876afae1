import Mail
public import Postgres

/// Ends the waiting of entries whose time to be sent is over, wherever they wait.
public struct ExpirySweep: Sendable {
    public static let batch = 500

    private let pool: PostgresPool
    package let marks = DueMarks()

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Expires at most `batch` messages; returns how many were due.
    ///
    /// An entry that is being sent just now is not touched: its claimer looks at the time itself.
    public func sweep() async throws -> Int {
        let start = marks.begin()
        let mark = start.marks.first
        let rows = try await pool.query(Self.statement(mark)).decode(
            Int32.self,
            Int.self,
            PostgresUUID.self,
            String.self
        )
        marks.end(start, rows.map { DueMarks.Mark(key: $0.0, due: $0.3, id: $0.2) })
        return rows.reduce(0) { $0 + $1.1 }
    }

    package static func statement(_ mark: DueMarks.Mark?) -> SQL {
        """
        WITH due AS MATERIALIZED (
            SELECT ctid AS tid, expires_at, id, lane_id, priority FROM expiry
            WHERE (expires_at, id) >= (\(mark?.due ?? "-infinity")::text::timestamptz, \(mark?.id ?? .lowest))
              AND expires_at <= now()
            ORDER BY expires_at, id LIMIT \(Int32(batch)) FOR UPDATE SKIP LOCKED
        ), \(WaitingEntries.end("due", with: .expired, event: .expired)), held AS (
            -- A broadcast of which entries may be left comes up again: the mark does not go beyond the first of them.
            SELECT tid, expires_at, id FROM due
            WHERE id = ANY (ARRAY(SELECT message_of(id) FROM owned
                                  GROUP BY 1 HAVING count(*) >= \(WaitingEntries.most)))
        ), gone AS (
            DELETE FROM expiry WHERE ctid = ANY (ARRAY(SELECT tid FROM due WHERE tid <> ALL (ARRAY(SELECT tid FROM held))))
        ), first_held AS (
            SELECT least(expires_at, now() - interval '10 seconds')::text AS time,
                   CASE WHEN expires_at > now() - interval '10 seconds' THEN \(PostgresUUID.lowest) ELSE id END AS id
            FROM held ORDER BY expires_at, held.id LIMIT 1
        )
        SELECT key, taken, coalesce((SELECT id FROM first_held), reached.id),
               coalesce((SELECT time FROM first_held), reached.time)
        FROM (\(DueMarks.reached(in: "due", key: "0::integer", time: "expires_at", limit: batch)))
            AS reached (key, taken, id, time)
        """
    }
}
