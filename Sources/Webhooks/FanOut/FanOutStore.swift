import Foundation
import Outbox
import Postgres

/// The statements of fan-out. Endpoints and replays are locked with `SKIP LOCKED`, so that any number of nodes share them.
struct FanOutStore: Sendable {
    /// Live deliveries of one endpoint that may be due; the rest of its backlog stays in the feed. What is parked until a
    /// retry counts only while the endpoint is down.
    static let window = 500
    /// An endpoint with room for fewer is left alone: otherwise each delivery that ends would cost a page of the feed.
    static let leastRoom = 100
    /// Deliveries of replays that may be queued for one endpoint.
    static let replayWindow = 100
    /// Cursors moved in one transaction.
    static let cursors = 64

    /// A cursor as it was locked.
    struct Cursor: Sendable {
        /// The replay's id, or the endpoint's.
        let id: PostgresUUID
        let endpointID: PostgresUUID
        let tenantID: Int32
        let position: FeedPosition
        let end: FeedPosition
        let events: [String]?
        let conditions: String
        let room: Int
        let isFailing: Bool
        /// Whether it is down, and one event may be queued to find out whether it is back.
        let mayProbe: Bool

        var isProbe: Bool { mayProbe && room < FanOutStore.leastRoom }
        /// How many deliveries this pass may queue.
        var places: Int { isProbe ? 1 : room < FanOutStore.leastRoom ? 0 : room }
        var isFiltered: Bool { events != nil || conditions != "{}" }
    }

    let pool: PostgresPool

    /// The active endpoints, but for `held`, whose tenants' feeds go on behind their cursors.
    func waiting(except held: [PostgresUUID]) async throws -> [PostgresUUID] {
        try await pool.query(
            """
            SELECT e.id FROM webhook_endpoint AS e JOIN feed_head AS h ON h.tenant_id = e.tenant_id
            WHERE e.status = 'active' AND h.seq > e.cursor_seq AND e.id <> ALL (\(held))
            ORDER BY e.cursor_at, e.id LIMIT \(Int32(Self.cursors))
            """
        ).decode(PostgresUUID.self)
    }

    /// An endpoint that was made before its tenant's first event starts at the beginning, whatever time it has.
    func lock(_ endpoints: [PostgresUUID], on connection: PostgresConnection) async throws -> [Cursor] {
        try await connection.query(
            """
            SELECT e.id, e.id, e.tenant_id, e.cursor_seq,
                   CASE WHEN e.cursor_seq <= 0 THEN 'epoch'::timestamptz ELSE e.cursor_at END,
                   h.seq, h.at, e.events, e.filter::text, \(Int64(Self.window)) - q.queued, e.failures > 0,
                   e.failures >= \(Int32(DeliveryPolicy.failuresToProbe)) AND coalesce(e.probe_at <= now(), true)
                       AND NOT EXISTS (SELECT FROM webhook_queue WHERE endpoint_id = e.id AND NOT replay
                                       AND due_at <= now() + \(QueueSQL.soon))
            FROM webhook_endpoint AS e JOIN feed_head AS h ON h.tenant_id = e.tenant_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS queued FROM (
                    SELECT FROM webhook_queue WHERE endpoint_id = e.id AND NOT replay AND due_at <= \(Self.counted)
                    LIMIT \(Int32(Self.window))
                ) AS queue
            ) AS q
            WHERE e.id = ANY (\(endpoints)) AND e.status = 'active' AND h.seq > e.cursor_seq
            ORDER BY e.id FOR UPDATE OF e SKIP LOCKED
            """
        ).map(Self.cursor)
    }

    /// The oldest replay of each endpoint that has room for half a window, the emptiest queues first, so that long replays
    /// make no other wait.
    func lockReplays(on connection: PostgresConnection) async throws -> [Cursor] {
        try await connection.query(
            """
            SELECT r.id, e.id, e.tenant_id, r.cursor_seq, r.cursor_at, least(r.last_seq, h.seq), h.at, e.events,
                   e.filter::text, \(Int64(Self.replayWindow)) - q.queued, e.failures > 0, false
            FROM webhook_replay AS r JOIN webhook_endpoint AS e ON e.id = r.endpoint_id
            JOIN feed_head AS h ON h.tenant_id = e.tenant_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS queued FROM (
                    SELECT FROM webhook_queue WHERE endpoint_id = e.id AND replay AND due_at <= \(Self.counted)
                    LIMIT \(Int32(Self.replayWindow))
                ) AS queue
            ) AS q
            WHERE e.status = 'active' AND q.queued <= \(Int64(Self.replayWindow / 2))
              AND NOT EXISTS (SELECT FROM webhook_replay AS o WHERE o.endpoint_id = r.endpoint_id AND o.id < r.id)
            ORDER BY q.queued, r.id LIMIT \(Int32(Self.cursors)) FOR UPDATE OF r SKIP LOCKED
            """
        ).map(Self.cursor)
    }

    /// Until when deliveries must be due to count for the window of endpoint `e`.
    private static let counted: SQL = """
        CASE WHEN e.failures >= \(Int32(DeliveryPolicy.failuresToProbe)) THEN 'infinity' ELSE now() + \(QueueSQL.soon) END
        """

    private static func cursor(_ row: Row) throws -> Cursor {
        Cursor(
            id: try row[0, as: PostgresUUID.self],
            endpointID: try row[1, as: PostgresUUID.self],
            tenantID: try row[2, as: Int32.self],
            position: FeedPosition(seq: try row[3, as: Int64.self], at: try row[4, as: Date.self]),
            end: FeedPosition(seq: try row[5, as: Int64.self], at: try row[6, as: Date.self]),
            events: try row[7, as: [String]?.self],
            conditions: try row[8, as: String.self],
            room: try row[9, as: Int.self],
            isFailing: try row[10, as: Bool.self],
            mayProbe: try row[11, as: Bool.self]
        )
    }
}

/// Writing.
extension FanOutStore {
    /// Moves endpoints' cursors; returns those that stood where they were read. What was dropped before they came to it counts as
    /// missed.
    func move(
        _ moves: [(cursor: Cursor, to: FeedPosition, isProbed: Bool, hasGap: Bool)],
        on connection: PostgresConnection
    ) async throws -> Set<PostgresUUID> {
        let rows = try await connection.query(
            """
            UPDATE webhook_endpoint AS e SET cursor_seq = m.seq, cursor_at = m.at,
                probe_at = CASE WHEN m.is_probed THEN now() + \(QueueSQL.probePause) ELSE e.probe_at END,
                missed_from = CASE WHEN m.has_gap THEN least(e.missed_from, e.cursor_at) ELSE e.missed_from END
            FROM unnest(\(moves.map(\.cursor.id)), \(moves.map(\.cursor.position.seq)), \(moves.map(\.to.seq)),
                        \(moves.map(\.to.at)), \(moves.map(\.isProbed)), \(moves.map(\.hasGap)))
                AS m (id, old_seq, seq, at, is_probed, has_gap)
            WHERE e.id = m.id AND e.cursor_seq = m.old_seq
            RETURNING e.id
            """
        )
        return Set(try rows.decode(PostgresUUID.self))
    }

    /// Moves a replay's cursor, or ends the replay.
    func move(
        replay id: PostgresUUID,
        to position: FeedPosition,
        deliveries: Int,
        isDone: Bool,
        on connection: PostgresConnection
    ) async throws {
        if isDone {
            _ = try await connection.query("DELETE FROM webhook_replay WHERE id = \(id)")
        } else {
            _ = try await connection.query(
                """
                UPDATE webhook_replay SET cursor_seq = \(position.seq), cursor_at = \(position.at),
                    deliveries = deliveries + \(Int64(deliveries))
                WHERE id = \(id)
                """
            )
        }
    }

    /// Logs and queues deliveries, due at once, in their order.
    func queue(
        _ deliveries: [(cursor: Cursor, entry: FeedEntry)],
        isReplay: Bool,
        on connection: PostgresConnection
    ) async throws {
        guard !deliveries.isEmpty else { return }
        _ = try await connection.query(
            """
            WITH d AS MATERIALIZED (
                SELECT new_id() AS id, n.* FROM unnest(
                    \(deliveries.map(\.cursor.endpointID)), \(deliveries.map(\.cursor.tenantID)),
                    \(deliveries.map(\.entry.id)), \(deliveries.map(\.entry.type)),
                    \(deliveries.map(\.entry.event.outboxID)), \(deliveries.map(\.entry.event.identity)),
                    \(deliveries.map(\.entry.sequencedAt))
                ) WITH ORDINALITY AS n (endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at, place)
            ), logged AS (
                INSERT INTO webhook_delivery (id, endpoint_id, tenant_id, event_id, type, outbox_id, identity, sequenced_at,
                                              replay)
                SELECT id, endpoint_id, tenant_id, event_id::uuid, type, outbox_id, identity, sequenced_at, \(isReplay)
                FROM d
            )
            INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
            SELECT endpoint_id, \(isReplay), now() + place * interval '1 microsecond', id FROM d
            """
        )
    }
}
