import Mail
import Postgres

extension Claimer {
    /// Gives back claims of this life that nobody works on: their commit was not learned of, or their rows could not be
    /// read. Nothing of them has been started, so no attempt is spent.
    ///
    /// - Parameter known: the claims that are being worked on.
    /// - Returns: signs of what went back, for the other nodes too.
    public func returnForgotten(known: [Int64]) async throws -> [QueueSign] {
        let rows = try await pool.query(
            """
            WITH gone AS (
                DELETE FROM claim WHERE id = ANY (ARRAY(
                    SELECT id FROM claim
                    WHERE node = \(node) AND epoch = \(epoch) AND account_id = \(accountID) AND id <> ALL (\(known))
                    ORDER BY id FOR UPDATE))
                RETURNING id, entries
            ), entry AS (
                SELECT gone.id AS claim, e.id FROM gone CROSS JOIN LATERAL unnest(gone.entries) AS e (id)
            ), back AS (
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT message.lane_id, message.priority, entry.id,
                       rows.recipients
                FROM entry JOIN message ON message.id = message_of(entry.id)
                CROSS JOIN LATERAL (
                    -- Kept apart from the join by OFFSET, or the planner reads the whole outbox for an anti-join.
                    SELECT bool_or(claim_id IS NOT DISTINCT FROM entry.claim) AS has_outcome,
                           count(*)::smallint AS recipients
                    FROM outbox
                    WHERE id BETWEEN entry.id AND last_of(entry.id)
                      AND status <> \(MessageStatus.suppressed.rank) OFFSET 0
                ) AS rows
                WHERE NOT rows.has_outcome
                ON CONFLICT DO NOTHING
                RETURNING lane_id, priority, id, recipients
            )
            SELECT lane_id, priority, sum(recipients)::bigint, (array_agg(id ORDER BY id))[1] FROM back GROUP BY lane_id, priority
            """
        ).decode(Int32.self, Int16.self, Int.self, PostgresUUID.self)
        let signs = rows.compactMap { lane, priority, recipients, first in
            Priority(rawValue: priority).map {
                QueueSign(laneID: lane, priority: $0, rows: .more(recipients), first: first)
            }
        }
        marks.lower(signs)
        return signs
    }
}
