import Postgres

/// Finds out whether endpoints that are down are back: where nothing is due for a while, one of the parked deliveries is
/// brought forward. Where there are new events, fan-out queues one of those, and has the first turn.
struct EndpointProbe: Sendable {
    /// Fan-out looks at an endpoint without room at least this often.
    private static let turn = FanOutRests.longest * 2
    /// The deliveries that a probe is chosen from, so that it is not always the same one.
    private static let choice = 100

    private let pool: PostgresPool

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Returns: how many deliveries it brought forward.
    func run() async throws -> Int {
        try await pool.query(
            """
            WITH RECURSIVE \(QueueSQL.queued), down AS MATERIALIZED (
                SELECT e.id FROM queued JOIN webhook_endpoint AS e ON e.id = queued.id
                WHERE e.status = 'active' AND e.failures >= \(Int32(DeliveryPolicy.failuresToProbe))
                  AND coalesce(e.probe_at <= now() - \(Self.turn), true)
                  AND (e.hold_until IS NULL OR e.hold_until <= now())
                  AND NOT EXISTS (SELECT FROM webhook_queue WHERE endpoint_id = e.id AND NOT replay
                                  AND due_at <= now() + \(QueueSQL.soon))
                ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
            ), chosen AS MATERIALIZED (
                SELECT one.* FROM down CROSS JOIN LATERAL (
                    SELECT * FROM (
                        SELECT endpoint_id, due_at, delivery_id FROM webhook_queue
                        WHERE endpoint_id = down.id AND NOT replay ORDER BY due_at LIMIT \(Int32(Self.choice))
                    ) AS parked ORDER BY random() LIMIT 1
                ) AS one
            ), noted AS (
                UPDATE webhook_endpoint AS e SET probe_at = now() + \(QueueSQL.probePause)
                FROM chosen WHERE e.id = chosen.endpoint_id
            )
            UPDATE webhook_queue AS q SET scheduled_at = coalesce(q.scheduled_at, q.due_at), due_at = clock_timestamp()
            FROM chosen AS c
            WHERE q.endpoint_id = c.endpoint_id AND NOT q.replay AND q.due_at = c.due_at AND q.delivery_id = c.delivery_id
            RETURNING q.delivery_id
            """
        ).count
    }
}
