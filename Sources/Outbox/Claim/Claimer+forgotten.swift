import Mail
import Postgres

extension Claimer {
    /// Gives back claims of this life that nobody works on: their commit was not learned of, or their rows could not be
    /// read. Nothing of them has been started, so no attempt is spent.
    ///
    /// - Parameter known: the claims that are being worked on.
    /// - Returns: how many entries went back.
    public func returnForgotten(known: [Int64]) async throws -> Int {
        let rows = try await pool.query(
            """
            WITH gone AS (
                DELETE FROM claim
                WHERE node = \(node) AND epoch = \(epoch) AND account_id = \(accountID) AND id <> ALL (\(known))
                RETURNING id, entries
            ), entry AS (
                SELECT gone.id AS claim, e.id FROM gone CROSS JOIN LATERAL unnest(gone.entries) AS e (id)
            ), back AS (
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT message.lane_id, message.priority, entry.id,
                       CASE WHEN entry.id = message.id THEN message.recipients ELSE 1 END
                FROM entry JOIN message ON message.id = message_of(entry.id)
                WHERE NOT EXISTS (
                    SELECT FROM outbox
                    WHERE outbox.id BETWEEN entry.id AND last_of(entry.id) AND outbox.claim_id = entry.claim)
                RETURNING id
            )
            SELECT count(*) FROM back
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }
}
