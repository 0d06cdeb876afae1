import Mail
public import Postgres

/// Ends the waiting of entries whose time to be sent is over, wherever they wait.
public struct ExpirySweep: Sendable {
    public static let batch = 500
    /// Entries of one statement, and as many more as the last message may have.
    package static let entries: Int64 = 5000
    private static let few: Int64 = 50

    private let pool: PostgresPool
    package let marks = DueMarks()

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Expires at most `batch` messages, and fewer when they have many entries; returns how many were due, `batch` at most.
    ///
    /// An entry that is being sent just now is not touched: its claimer looks at the time itself.
    public func sweep() async throws -> Int {
        let rows = try await marks.sweep { start in
            let rows = try await pool.query(Self.statement(start.marks.first))
                .decode(Int32.self, Int.self, PostgresUUID.self, String.self)
            return (rows, reached: rows.map { DueMarks.Mark(key: $0.0, due: $0.3, id: $0.2) })
        }
        return rows.reduce(0) { $0 + $1.1 }
    }

    package static func statement(_ mark: DueMarks.Mark?) -> SQL {
        """
        WITH due AS MATERIALIZED (
            SELECT ctid AS tid, expires_at, id, lane_id, priority FROM expiry
            WHERE (expires_at, id) >= (\(mark?.due ?? "-infinity")::text::timestamptz, \(mark?.id ?? .lowest))
              AND expires_at <= now()
            ORDER BY expires_at, id LIMIT \(Int32(batch)) FOR UPDATE SKIP LOCKED
        ), counted AS MATERIALIZED (
            -- Only broadcasts have more than so few; of those a statement takes the most.
            SELECT due.*, CASE WHEN waiting.entries = \(Self.few) THEN \(Int64(WaitingEntries.most)) ELSE waiting.entries END AS entries
            FROM due CROSS JOIN LATERAL (
                SELECT count(*) AS entries FROM (
                    (SELECT FROM ready WHERE ready.lane_id = due.lane_id AND ready.priority = due.priority
                                         AND ready.id BETWEEN due.id AND last_of(due.id) LIMIT \(Self.few))
                    UNION ALL
                    (SELECT FROM deferred WHERE deferred.id BETWEEN due.id AND last_of(due.id) LIMIT \(Self.few))
                    LIMIT \(Self.few)
                ) AS entry
            ) AS waiting
        ), taken AS MATERIALIZED (
            SELECT tid, expires_at, id, lane_id, priority
            FROM (SELECT counted.*, sum(entries) OVER (ORDER BY expires_at, id) - entries AS before FROM counted) AS c
            WHERE before < \(Self.entries)
        ), \(WaitingEntries.end("taken", with: .expired, event: .expired, endsHeld: false)), held AS (
            -- What was not taken comes up again, and a broadcast of which entries may be left: the mark does not go beyond the
            -- first of them.
            SELECT tid, expires_at, id FROM due
            WHERE tid <> ALL (ARRAY(SELECT tid FROM taken))
               OR id = ANY (ARRAY(SELECT message_of(id) FROM owned
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
