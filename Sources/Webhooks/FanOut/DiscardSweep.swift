import Metrics
import Postgres

/// Takes deliveries out of the queue whose endpoint was disabled or deleted, and counts what waits.
struct DiscardSweep: Sendable {
    private let pool: PostgresPool
    private let queued = Gauge(label: "sluice_webhook_queued")

    init(pool: PostgresPool) {
        self.pool = pool
    }

    func run() async throws {
        let rows = try await pool.query(
            """
            WITH RECURSIVE \(QueueSQL.queued)
            SELECT queued.id, e.id IS NOT NULL, waiting.n FROM queued
            LEFT JOIN webhook_endpoint AS e ON e.id = queued.id AND e.status = 'active'
            CROSS JOIN LATERAL (SELECT count(*) AS n FROM webhook_queue WHERE endpoint_id = queued.id) AS waiting
            WHERE queued.id IS NOT NULL
            """
        ).decode(PostgresUUID.self, Bool.self, Int.self)
        queued.record(rows.reduce(0) { $0 + $1.2 })
        for (endpoint, isActive, _) in rows where !isActive {
            _ = try await pool.query(QueueSQL.discard(endpoint: endpoint))
        }
    }
}
