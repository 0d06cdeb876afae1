import Directory
public import Foundation
import Mail
import Outbox
public import Postgres

/// Takes requests to deliver again: one delivery, or all events of a time.
public struct ReplayStore: Sendable {
    /// Windowed replays that one endpoint may have open.
    public static let limit = 3

    private let pool: PostgresPool
    private let feed: FeedReader

    public init(pool: PostgresPool) {
        self.pool = pool
        feed = FeedReader(pool: pool)
    }

    /// A windowed replay on its way.
    public struct Window: Sendable {
        /// Nil when there was nothing in that time.
        public let id: UUID?
        /// How many events the tenant had in it; the endpoint's filters come after that.
        public let events: Int64

        public init(id: UUID?, events: Int64) {
            self.id = id
            self.events = events
        }
    }

    /// Delivers the event of a delivery once more; returns the new delivery.
    ///
    /// - Throws: `EndpointError.conflict` while the first one is still being tried, or for a disabled endpoint; `.invalid` for a
    ///   delivery that the endpoint does not have.
    public func replay(_ delivery: UUID, endpoint: UUID, tenantID: Int32, actor: String) async throws -> UUID {
        try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            _ = try await EndpointStatements.lockedForDelivery(endpoint, tenantID: tenantID, on: connection)
            let status = try await connection.query(
                """
                SELECT status FROM webhook_delivery
                WHERE id = \(delivery) AND endpoint_id = \(endpoint) AND tenant_id = \(tenantID)
                """
            ).decode(Int16.self).first
            guard let status else {
                // The path names something that there is, so this is not 404.
                throw EndpointCheck.invalid([
                    ValidationFailure(pointer: "/delivery", detail: "the webhook has no delivery with this id")
                ])
            }
            guard status != DeliveryStatus.pending.rawValue else {
                throw EndpointError(.conflict, "the delivery is still being tried")
            }
            let made = try await connection.query(
                EndpointStatements.deliver(
                    """
                    SELECT endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at, true AS replay
                    FROM webhook_delivery WHERE id = \(delivery)
                    """
                )
            ).decode(UUID.self, UUID.self)
            guard let (id, _) = made.first else { throw EndpointError.noEndpoint }
            let change = "delivery \(delivery.uuidString.lowercased())"
            try await Self.audit(change, endpoint, tenantID: tenantID, actor: actor, on: connection)
            return id
        }
    }

    /// Delivers all events of a time once more, behind what is live. The time is when they came into the feed.
    ///
    /// - Throws: `EndpointError.conflict` when too many replays are open, or for a disabled endpoint.
    public func replay(from: Date, to: Date, endpoint: UUID, tenantID: Int32, actor: String) async throws -> Window {
        let start = try await feed.position(tenantID: tenantID, before: from)
        let end = try await feed.position(tenantID: tenantID, before: to)
        return try await pool.scoped(to: .tenant(tenantID)).withTransaction { connection in
            let locked = try await EndpointStatements.locked(endpoint, tenantID: tenantID, on: connection)
            guard locked.status == .active else { throw EndpointError.disabled }
            let open = try await connection.query(
                "SELECT count(*) FROM webhook_replay WHERE endpoint_id = \(endpoint)"
            ).decode(Int.self).first
            guard (open ?? 0) < Self.limit else {
                throw EndpointError(
                    .conflict,
                    "\(Self.limit) replays of this webhook are under way; wait for one to end"
                )
            }
            guard end.seq > start.seq else { return Window(id: nil, events: 0) }
            let id = try await connection.query(
                """
                INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq)
                SELECT new_id(), \(endpoint), \(start.seq), \(start.at), \(end.seq) RETURNING id
                """
            ).decode(UUID.self).first
            let change = "\(end.seq - start.seq) events"
            try await Self.audit(change, endpoint, tenantID: tenantID, actor: actor, on: connection)
            return Window(id: id, events: end.seq - start.seq)
        }
    }

    private static func audit(
        _ change: String,
        _ endpoint: UUID,
        tenantID: Int32,
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            AuditLog.entry(
                action: "replay",
                object: "webhook \(endpoint.uuidString.lowercased())",
                tenantID: tenantID,
                detail: change,
                actor: actor
            )
        )
    }
}
