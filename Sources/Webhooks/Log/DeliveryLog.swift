public import Foundation
public import Postgres

/// Reads what became of an endpoint's deliveries. Every statement names the tenant.
public struct DeliveryLog: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Which deliveries are asked for; nil: any.
    public struct Filter: Sendable {
        public var status: DeliveryStatus?
        public var type: String?

        public init(status: DeliveryStatus? = nil, type: String? = nil) {
            self.status = status
            self.type = type
        }
    }

    /// Up to `limit` deliveries, newest first; nil when the tenant has no such endpoint.
    ///
    /// - Parameters:
    ///   - after: only what comes after this one in the list: older ones.
    ///   - before: only what comes before it: newer ones, those next to it.
    public func deliveries(
        endpoint: UUID,
        tenantID: Int32,
        filter: Filter,
        limit: Int,
        after: UUID?,
        before: UUID?
    ) async throws -> [WebhookDelivery]? {
        guard try await exists(endpoint, tenantID: tenantID) else { return nil }
        var condition: SQL = "d.endpoint_id = \(endpoint) AND d.tenant_id = \(tenantID)"
        if let after { condition += " AND d.id < \(after)" }
        if let before { condition += " AND d.id > \(before)" }
        if let status = filter.status { condition += " AND d.status = \(status.rawValue)" }
        if let type = filter.type { condition += " AND d.type = \(type)" }
        // What is pending is in the queue, which is short; the log is not.
        let source: SQL =
            filter.status == .pending
            ? """
            (SELECT delivery_id FROM webhook_queue WHERE endpoint_id = \(endpoint)) AS q
            JOIN webhook_delivery AS d ON d.id = q.delivery_id
            """ : "webhook_delivery AS d"
        let deliveries = try await pool.query(
            """
            SELECT \(Self.columns) FROM \(source) WHERE \(condition)
            ORDER BY d.id \(raw: before == nil ? "DESC" : "ASC") LIMIT \(Int64(limit))
            """
        ).map(Self.delivery)
        return before == nil ? deliveries : deliveries.reversed()
    }

    /// - Returns: nil when the tenant has no such endpoint, or the endpoint no such delivery.
    public func delivery(_ id: UUID, endpoint: UUID, tenantID: Int32) async throws -> WebhookDelivery? {
        guard try await exists(endpoint, tenantID: tenantID) else { return nil }
        return try await pool.query(
            """
            SELECT \(Self.columns) FROM webhook_delivery AS d
            WHERE d.id = \(id) AND d.endpoint_id = \(endpoint) AND d.tenant_id = \(tenantID)
            """
        ).first.map(Self.delivery)
    }

    private func exists(_ endpoint: UUID, tenantID: Int32) async throws -> Bool {
        try await pool.query("SELECT FROM webhook_endpoint WHERE id = \(endpoint) AND tenant_id = \(tenantID)").count
            > 0
    }

    private static let columns: SQL = """
        d.id, d.event_id, d.type,
        (SELECT message.id::text FROM message
         WHERE message.id = message_of(d.outbox_id) AND message.tenant_id = d.tenant_id),
        d.replay, d.status, d.attempts::text,
        (SELECT q.due_at FROM webhook_queue AS q
         WHERE q.endpoint_id = d.endpoint_id AND q.replay = d.replay AND q.delivery_id = d.id LIMIT 1)
        """

    private static func delivery(_ row: Row) throws -> WebhookDelivery {
        WebhookDelivery(
            id: try row[0, as: UUID.self],
            eventID: try row[1, as: UUID.self],
            type: try row[2, as: String.self],
            messageID: try row[3, as: String?.self],
            isReplay: try row[4, as: Bool.self],
            status: DeliveryStatus(rawValue: try row[5, as: Int16.self]) ?? .failed,
            nextAttemptAt: try row[7, as: Date?.self],
            attempts: try row[6, as: String.self]
        )
    }
}
