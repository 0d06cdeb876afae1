public import Foundation
import Outbox
import Postgres

extension EndpointStore {
    /// A test event on its way.
    public struct Test: Sendable {
        public let delivery: UUID
        /// The `webhook-id` that it bears.
        public let eventID: UUID

        public init(delivery: UUID, eventID: UUID) {
            self.delivery = delivery
            self.eventID = eventID
        }
    }

    /// Sends a test event to one endpoint, whatever its filters say. It is not in the feed.
    ///
    /// - Throws: `EndpointError.conflict` for a disabled endpoint.
    public func test(_ id: UUID, type: String, tenantID: Int32) async throws -> Test {
        guard let endpoint = try await endpoint(id, tenantID: tenantID) else { throw EndpointError.noEndpoint }
        guard endpoint.status == .active else { throw EndpointError.disabled }
        let region = try await pool.scoped(to: .tenant(tenantID)).query(
            "SELECT coalesce(default_region, '') FROM tenant WHERE id = \(tenantID)"
        ).decode(String.self).first
        let data = TestEvent.data(type: type, endpoint: id.uuidString.lowercased(), region: region ?? "")
        let event = try await NoticeStore(pool: pool).record(type: type, data: data, tenantID: tenantID)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            _ = try await EndpointStatements.lockedForDelivery(id, tenantID: tenantID, on: connection)
            let rows = try await connection.query(
                EndpointStatements.deliver(
                    """
                    SELECT \(id) AS endpoint_id, tenant_id, id AS event_id, type, outbox_id, identity,
                           NULL::timestamptz AS sequenced_at, false AS replay
                    FROM event
                    WHERE outbox_id = \(event.outboxID) AND identity = \(event.identity) AND tenant_id = \(tenantID)
                    """
                )
            ).decode(UUID.self, UUID.self)
            guard let (delivery, event) = rows.first else { throw EndpointError.noEndpoint }
            return Test(delivery: delivery, eventID: event)
        }
    }
}
