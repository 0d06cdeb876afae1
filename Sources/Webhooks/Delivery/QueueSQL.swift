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

    /// As `queued`, without endpoints that have nothing but parked deliveries.
    static let claimable: SQL = """
        claimable (id) AS (
            (SELECT endpoint_id FROM webhook_queue WHERE NOT parked ORDER BY endpoint_id LIMIT 1)
            UNION ALL
            SELECT (SELECT q.endpoint_id FROM webhook_queue AS q WHERE q.endpoint_id > claimable.id AND NOT q.parked
                    ORDER BY q.endpoint_id LIMIT 1)
            FROM claimable WHERE claimable.id IS NOT NULL
        )
        """

    /// What is due within this time is due or claimed; what is due later is parked.
    static let soon = DeliveryClaimer.lease + .seconds(1)
    /// Deliveries that are brought forward at once. The window has as much room left for new ones as fan-out asks for.
    static let revival = FanOutStore.window - FanOutStore.leastRoom

    /// The common table expressions `parked` and `forward`: brings forward the first of what is parked for an endpoint,
    /// spread over a few seconds. The endpoint's row must be locked.
    static func bringForward(endpoint: SQL) -> SQL {
        """
        parked AS MATERIALIZED (
            SELECT endpoint_id, due_at, delivery_id FROM webhook_queue
            WHERE endpoint_id = \(endpoint) AND NOT replay AND due_at > now() + \(soon)
            ORDER BY due_at LIMIT \(Int32(revival))
        ), forward AS (
            UPDATE webhook_queue AS q SET scheduled_at = coalesce(q.scheduled_at, q.due_at),
                due_at = clock_timestamp() + random() * \(DeliveryPolicy.revival)
            FROM parked AS p
            WHERE q.endpoint_id = p.endpoint_id AND NOT q.replay AND q.due_at = p.due_at AND q.delivery_id = p.delivery_id
            RETURNING q.delivery_id
        )
        """
    }

    /// How long a failing endpoint `e` is left alone after a probe: a tenth of the time for which it has failed, between one
    /// and five minutes.
    static let probePause: SQL = """
        least(interval '5 minutes', greatest(interval '1 minute', (now() - e.failing_since) / 10))
        """

    /// The time from which a replay brings all that the disabled endpoint `e` has missed: what failed at last, what was
    /// discarded, and what its cursor had not come to. In whole milliseconds, as it is shown.
    static let missedSince: SQL = """
        date_trunc('milliseconds', least(
            e.failing_from, e.missed_from, e.disabled_at,
            (SELECT f.at FROM feed AS f
             WHERE f.tenant_id = e.tenant_id AND f.seq > e.cursor_seq
               AND f.at >= CASE WHEN e.cursor_seq <= 0 THEN 'epoch'::timestamptz ELSE e.cursor_at END
             ORDER BY f.seq LIMIT 1)))
        """

    /// Empties the queue of an endpoint that is not active. A row that somebody else works on is left to the next sweep.
    /// The endpoint's row must be locked.
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
        ), ended AS (
            UPDATE webhook_delivery AS d SET status = \(DeliveryStatus.discarded.rawValue)
            FROM gone WHERE d.id = gone.delivery_id AND d.status = \(DeliveryStatus.pending.rawValue)
            RETURNING d.sequenced_at
        )
        UPDATE webhook_endpoint AS e SET missed_from = least(e.missed_from, (SELECT min(sequenced_at) FROM ended))
        WHERE e.id = \(endpoint) AND EXISTS (SELECT FROM ended)
        """
    }
}
