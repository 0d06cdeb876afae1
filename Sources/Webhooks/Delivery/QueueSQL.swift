import Postgres

/// Parts of statements on the queue that several owners share.
enum QueueSQL {
    /// The common table expression `queued` (id) of a WITH RECURSIVE: the endpoints that have anything queued, found in as
    /// many steps as there are, and a last row of NULL.
    static let queued: SQL = """
        queued (id) AS (
            (SELECT endpoint_id FROM webhook_queue ORDER BY endpoint_id LIMIT 1)
            UNION ALL
            SELECT (SELECT q.endpoint_id FROM webhook_queue AS q WHERE q.endpoint_id > queued.id
                    ORDER BY q.endpoint_id LIMIT 1)
            FROM queued WHERE queued.id IS NOT NULL
        )
        """

    /// Empties the queue of an endpoint that is not active. A row that somebody else works on is left to the next sweep.
    static func discard(endpoint: PostgresUUID) -> SQL {
        """
        WITH gone AS (
            DELETE FROM webhook_queue WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM webhook_queue
                WHERE endpoint_id = \(endpoint)
                  AND NOT EXISTS (SELECT FROM webhook_endpoint WHERE id = \(endpoint) AND status = 'active')
                FOR UPDATE SKIP LOCKED
            ))
            RETURNING delivery_id
        )
        UPDATE webhook_delivery AS d SET status = \(DeliveryStatus.discarded.rawValue)
        FROM gone WHERE d.id = gone.delivery_id AND d.status = \(DeliveryStatus.pending.rawValue)
        """
    }
}
