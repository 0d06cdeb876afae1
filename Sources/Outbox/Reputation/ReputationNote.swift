import Postgres

/// How sends, bounces and complaints are noted for the count that decides on senders' standing: in the statement that records
/// their events, so that each counts exactly once; and in rows of their own, so that nobody waits for a counter.
enum ReputationNote {
    /// The common table expression that notes the counts in `source` (account_id, tenant_id, sent, bounced, complained).
    static func note(_ source: SQL) -> SQL {
        """
        counted AS (
            INSERT INTO reputation_note (account_ids, tenant_ids, sent, bounced, complained)
            SELECT array_agg(account_id), array_agg(tenant_id), array_agg(sent::integer), array_agg(bounced::integer),
                   array_agg(complained::integer)
            FROM \(source) AS counts HAVING count(*) > 0
        )
        """
    }
}
