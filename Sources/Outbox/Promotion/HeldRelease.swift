import Mail
public import Postgres

/// Makes entries due that were held for a tenant that holds nothing any more: the next promotion applies the policy it has now.
public struct HeldRelease: Sendable {
    /// Entries of a lane that one pass releases.
    public static let perLane = 200

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Returns whether there may be more. They become due now, which is above all marks of ``DueMarks``.
    public func release() async throws -> Bool {
        try await pool.query(
            """
            WITH held AS MATERIALIZED (
                SELECT entry.tid, entry.lane_id
                FROM lane LEFT JOIN tenant ON tenant.id = lane.tenant_id CROSS JOIN LATERAL (
                    SELECT ctid AS tid, lane_id FROM deferred WHERE lane_id = lane.id AND due_at = 'infinity'
                    ORDER BY lane_id, due_at, id LIMIT \(Int32(Self.perLane)) FOR UPDATE SKIP LOCKED
                ) AS entry
                WHERE tenant.unknown_policy IS DISTINCT FROM 'hold'
            ), released AS (
                UPDATE deferred SET due_at = now() WHERE ctid = ANY (ARRAY(SELECT tid FROM held))
            )
            SELECT coalesce(max(entries), 0) >= \(Int64(Self.perLane))
            FROM (SELECT count(*) AS entries FROM held GROUP BY lane_id) AS lane
            """
        ).decode(Bool.self).first ?? false
    }
}
