import Mail
import Postgres

/// The rows `o` of a message in lists, and the status of each as it is shown: `sending` is not stored, but a row is being sent while
/// an open claim without an outcome for it names it, or its message.
enum RowStatus {
    /// The common table expression that `now` looks into: what is under way, which is little.
    static let claimed: SQL = """
        claimed AS MATERIALIZED (
            SELECT entry.id, claim.id AS claim FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
        )
        """

    /// The rank of a row's status now.
    static func now(message: SQL) -> SQL {
        // Each IN is a look into a hash table; EXISTS would compare every row with every entry.
        """
        CASE WHEN o.status <= \(MessageStatus.queued.rank)
              AND (o.id IN (SELECT id FROM claimed) OR \(message) IN (SELECT id FROM claimed))
              AND NOT ((o.id, coalesce(o.claim_id, 0)) IN (SELECT id, claim FROM claimed)
                       OR (\(message), coalesce(o.claim_id, 0)) IN (SELECT id, claim FROM claimed))
             THEN \(MessageStatus.sending.rank) ELSE o.status END
        """
    }

    /// The condition on a message's rows. The range says again what follows from it, so that the planner leaves out the partitions
    /// outside of it; `last_of` would be called for each row, where this is part of the statement.
    static func rows(of message: SQL, in range: IDRange, tenantID: Int32) -> SQL {
        """
        o.id > \(message) AND o.id <= (left(\(message)::text, 32) || 'ffff')::uuid
        AND o.id >= \(range.low) AND o.id < \(range.high) AND o.tenant_id = \(tenantID)
        """
    }
}
