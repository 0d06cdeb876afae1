import Postgres

/// Takes deliveries out of the queue whose endpoint was disabled or deleted.
struct DiscardSweep: Sendable {
    private let pool: PostgresPool

    init(pool: PostgresPool) {
        self.pool = pool
    }

    func run() async throws {
        let inactive = try await pool.query(
            """
            WITH RECURSIVE \(QueueSQL.queued)
            SELECT queued.id FROM queued
            WHERE queued.id IS NOT NULL
              AND NOT EXISTS (SELECT FROM webhook_endpoint AS e WHERE e.id = queued.id AND e.status = 'active')
            """
        ).decode(PostgresUUID.self)
        for endpoint in inactive {
            try await pool.withTransaction { connection in
                _ = try await connection.query("SELECT FROM webhook_endpoint WHERE id = \(endpoint) FOR UPDATE")
                _ = try await connection.query(QueueSQL.discard(endpoint: endpoint))
            }
        }
    }
}
