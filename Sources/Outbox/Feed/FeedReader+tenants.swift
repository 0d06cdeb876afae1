import Foundation
import Postgres

/// Reading the feeds of several tenants at once, for what serves all of them. Each event is looked up under its own tenant.
extension FeedReader {
    /// The events after each place, in order, of at most `limit` places of each feed. What retention has dropped is missing.
    ///
    /// Places are dense, so the bound on them is exact, and no plan can read more than it answers.
    public func entries(
        after positions: [(tenantID: Int32, position: FeedPosition)],
        limit: Int
    ) async throws -> [[FeedEntry]] {
        let rows = try await pool.query(Self.entries(after: positions, limit: limit))
        var pages = positions.map { _ in [FeedEntry]() }
        for row in rows {
            let index = try row[12, as: Int.self] - 1
            if pages.indices.contains(index) { pages[index].append(try Self.entry(row)) }
        }
        return pages
    }

    static func entries(after positions: [(tenantID: Int32, position: FeedPosition)], limit: Int) -> SQL {
        """
        WITH p AS (
            SELECT * FROM unnest(\(positions.map(\.tenantID)), \(positions.map(\.position.seq)),
                                 \(positions.map { $0.position.seq + Int64(limit) }), \(positions.map(\.position.at)))
                          WITH ORDINALITY AS p (tenant_id, seq, last_seq, at, place)
        ), f AS MATERIALIZED (
            SELECT p.place, p.tenant_id, feed.seq, feed.at, feed.outbox_id, feed.identity,
                   message_of(feed.outbox_id) AS message_id
            FROM p
            JOIN feed ON feed.tenant_id = p.tenant_id AND feed.seq > p.seq
                AND feed.seq <= p.last_seq AND feed.at >= p.at
        )
        \(Self.entries(of: "f", tenantID: "f.tenant_id", place: "f.place")) ORDER BY f.place, f.seq
        """
    }

    /// Events by name, each of the tenant beside it. What retention has dropped is missing.
    public func entries(
        _ events: [(tenantID: Int32, event: EventReference)]
    ) async throws -> [EventReference: FeedEntry] {
        let rows = try await pool.query(
            """
            WITH f AS (
                SELECT 0::bigint AS seq, 'epoch'::timestamptz AS at, *, message_of(outbox_id) AS message_id
                FROM unnest(\(events.map(\.tenantID)), \(events.map(\.event.outboxID)), \(events.map(\.event.identity)))
                    AS r (tenant_id, outbox_id, identity)
            )
            \(Self.entries(of: "f", tenantID: "f.tenant_id"))
            """
        )
        let entries = try rows.map(Self.entry)
        return Dictionary(entries.map { ($0.event, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
