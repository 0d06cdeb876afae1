public import Postgres

/// Brings back retries and unknown outcomes that are due later than any of us makes them: PostgreSQL's clock ran ahead when they
/// were deferred, and was put right.
public struct LateSweep: Sendable {
    /// Entries of a lane that one pass looks at. Behind more scheduled ones a late entry is found when those are gone.
    private static let perLane: Int32 = 500
    /// What nodes that are configured differently, and transactions that take their time, may differ by.
    private static let margin = Duration.seconds(600)

    private let pool: PostgresPool
    private let longestPause: Duration
    private let unknownGrace: Duration

    /// - Parameter longestPause: between two attempts.
    public init(pool: PostgresPool, longestPause: Duration, unknownGrace: Duration) {
        self.pool = pool
        self.longestPause = longestPause
        self.unknownGrace = unknownGrace
    }

    /// Retries become due now; for an unknown outcome, SES's word is waited for once more. Returns how many there were.
    public func sweep() async throws -> Int {
        try await pool.query(
            """
            WITH late AS MATERIALIZED (
                SELECT entry.tid, entry.reason
                FROM lane CROSS JOIN LATERAL (
                    SELECT ctid AS tid, due_at, reason FROM deferred
                    WHERE lane_id = lane.id AND due_at > now() + \(min(longestPause, unknownGrace) + Self.margin)
                      AND due_at < 'infinity'
                    ORDER BY lane_id, due_at, id LIMIT \(Self.perLane) FOR UPDATE SKIP LOCKED
                ) AS entry
                WHERE entry.reason = \(DeferredReason.retry.rawValue) AND entry.due_at > now() + \(longestPause + Self.margin)
                   OR entry.reason = \(DeferredReason.unknown.rawValue) AND entry.due_at > now() + \(unknownGrace + Self.margin)
            ), moved AS (
                UPDATE deferred SET due_at = now() + CASE WHEN reason = \(DeferredReason.unknown.rawValue)
                                                          THEN \(unknownGrace)::interval ELSE interval '0' END
                WHERE ctid = ANY (ARRAY(SELECT tid FROM late)) RETURNING 1
            )
            SELECT count(*) FROM moved
            """
        ).decode(Int.self).first ?? 0
    }
}
