import Metrics
import Postgres

/// Counts what waits, and bounds what is parked for one endpoint: beyond `limit`, the oldest has failed.
struct QueueCensus: Sendable {
    /// Deliveries of one endpoint that may wait, most of them for a retry.
    static let limit = 10_000

    private let pool: PostgresPool
    private let queued = Gauge(label: "sluice_webhook_queued")

    init(pool: PostgresPool) {
        self.pool = pool
    }

    func run() async throws {
        let rows = try await pool.query(
            """
            WITH RECURSIVE \(QueueSQL.queued)
            SELECT queued.id, waiting.n FROM queued
            CROSS JOIN LATERAL (SELECT count(*) AS n FROM webhook_queue WHERE endpoint_id = queued.id) AS waiting
            WHERE queued.id IS NOT NULL
            """
        ).decode(PostgresUUID.self, Int.self)
        queued.record(rows.reduce(0) { $0 + $1.1 })
        try await countEndpoints()
        for (endpoint, count) in rows where count > Self.limit {
            try await fail(count - Self.limit, of: endpoint)
        }
    }

    private func countEndpoints() async throws {
        let counts = try await pool.query(
            """
            SELECT count(*) FILTER (WHERE status = 'active' AND failing_since IS NULL),
                   count(*) FILTER (WHERE status = 'active' AND failing_since IS NOT NULL),
                   count(*) FILTER (WHERE status = 'disabled')
            FROM webhook_endpoint
            """
        ).decode(Int.self, Int.self, Int.self).first
        guard let (well, failing, disabled) = counts else { return }
        for (state, count) in [("well", well), ("failing", failing), ("disabled", disabled)] {
            Gauge(label: "sluice_webhook_endpoints", dimensions: [("state", state)]).record(count)
        }
    }

    /// What is due or claimed is left alone.
    private func fail(_ count: Int, of endpoint: PostgresUUID) async throws {
        _ = try await pool.query(
            """
            WITH oldest AS MATERIALIZED (
                SELECT replay, due_at, delivery_id FROM webhook_queue
                WHERE endpoint_id = \(endpoint) AND due_at > now() + \(QueueSQL.soon)
                ORDER BY delivery_id LIMIT \(Int32(clamping: count)) FOR UPDATE SKIP LOCKED
            ), gone AS (
                DELETE FROM webhook_queue AS q USING oldest AS o
                WHERE q.endpoint_id = \(endpoint) AND q.replay = o.replay AND q.due_at = o.due_at
                  AND q.delivery_id = o.delivery_id
            )
            UPDATE webhook_delivery AS d SET status = \(DeliveryStatus.failed.rawValue)
            FROM oldest WHERE d.id = oldest.delivery_id AND d.status = \(DeliveryStatus.pending.rawValue)
            """
        )
    }
}
