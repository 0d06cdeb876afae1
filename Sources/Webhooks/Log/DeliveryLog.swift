public import Foundation
public import Postgres

/// Reads what became of an endpoint's deliveries. Every statement names the tenant.
public struct DeliveryLog: Sendable {
    /// How many deliveries one call looks at for those that pass its filter, which no index knows.
    public static let bound = 10_000
    private static let timeout = Duration.seconds(2)

    private let pool: PostgresPool
    private let bound: Int

    public init(pool: PostgresPool) {
        self.init(pool: pool, bound: Self.bound)
    }

    init(pool: PostgresPool, bound: Int) {
        self.pool = pool
        self.bound = bound
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

    /// A part of the log.
    public struct Page: Sendable {
        public let deliveries: [WebhookDelivery]
        /// How far was looked, where that is not the log's end: there may be more beyond this one.
        public let edge: UUID?

        public init(deliveries: [WebhookDelivery], edge: UUID? = nil) {
            self.deliveries = deliveries
            self.edge = edge
        }
    }

    /// Up to `limit` deliveries, newest first; nil when the tenant has no such endpoint. Where a filter passes few of many, it
    /// may be fewer although there are more: see `edge`.
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
    ) async throws -> Page? {
        try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
            guard try await exists(endpoint, tenantID: tenantID, on: connection) else { return nil }
            var place: SQL = "d.endpoint_id = \(endpoint) AND d.tenant_id = \(tenantID)"
            if let after { place += " AND d.id < \(after)" }
            if let before { place += " AND d.id > \(before)" }
            let order: SQL = before == nil ? "ORDER BY d.id DESC" : "ORDER BY d.id"
            var wanted: SQL = "true"
            if let status = filter.status { wanted += " AND d.status = \(status.rawValue)" }
            if let type = filter.type { wanted += " AND d.type = \(type)" }
            // What is pending is in the queue, which is short; the log is not.
            let source: SQL =
                filter.status == .pending
                ? """
                (SELECT delivery_id FROM webhook_queue WHERE endpoint_id = \(endpoint)) AS q
                JOIN webhook_delivery AS d ON d.id = q.delivery_id WHERE \(place)
                """
                : """
                (SELECT * FROM webhook_delivery AS d WHERE \(place) \(order) LIMIT \(Int64(max(bound, limit)))) AS d
                WHERE true
                """
            let deliveries = try await connection.query(
                "SELECT \(Self.columns) FROM \(source) AND \(wanted) \(order) LIMIT \(Int64(limit))"
            ).map(Self.delivery)
            var edge: UUID?
            if deliveries.count < limit, filter.status != .pending {
                edge = try await connection.query(
                    """
                    SELECT d.id FROM webhook_delivery AS d WHERE \(place) \(order)
                    LIMIT 1 OFFSET \(Int64(max(bound, limit) - 1))
                    """
                ).decode(UUID.self).first
            }
            return Page(deliveries: before == nil ? deliveries : deliveries.reversed(), edge: edge)
        }
    }

    /// - Returns: nil when the tenant has no such endpoint, or the endpoint no such delivery.
    public func delivery(_ id: UUID, endpoint: UUID, tenantID: Int32) async throws -> WebhookDelivery? {
        try await pool.scoped(to: .tenant(tenantID)).withReading(statementsWithin: Self.timeout) { connection in
            guard try await exists(endpoint, tenantID: tenantID, on: connection) else { return nil }
            return try await connection.query(
                """
                SELECT \(Self.columns) FROM webhook_delivery AS d
                WHERE d.id = \(id) AND d.endpoint_id = \(endpoint) AND d.tenant_id = \(tenantID)
                """
            ).first.map(Self.delivery)
        }
    }

    private func exists(_ endpoint: UUID, tenantID: Int32, on connection: PostgresConnection) async throws -> Bool {
        try await connection.query(
            "SELECT FROM webhook_endpoint WHERE id = \(endpoint) AND tenant_id = \(tenantID)"
        ).count > 0
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
