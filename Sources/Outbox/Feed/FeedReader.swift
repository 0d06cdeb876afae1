public import Foundation
import Mail
public import Postgres

/// Reads the event feed. Every statement names the tenant.
public struct FeedReader: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// The stretch of at most `limit` places after a place.
    public func page(tenantID: Int32, after position: FeedPosition, limit: Int) async throws -> FeedPage {
        // First, or events that come in between would count as dropped.
        let head = try await head(tenantID: tenantID)
        let last = min(position.seq + Int64(limit), head.seq)
        guard last > position.seq else { return FeedPage(entries: [], end: position, hasMore: false) }
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            Self.entries(after: [(tenantID, position)], limit: Int(last - position.seq))
        )
        let entries = try rows.map(Self.entry)
        let end =
            if let entry = entries.last, entry.seq == last {
                FeedPosition(seq: last, at: entry.sequencedAt)
            } else {
                try await self.position(tenantID: tenantID, after: last)
            }
        return FeedPage(entries: entries, end: end, hasMore: last < head.seq)
    }

    /// The end of a tenant's feed.
    public func head(tenantID: Int32) async throws -> FeedPosition {
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(Self.heads(of: [tenantID]))
        return try Self.heads(rows)[tenantID] ?? FeedPosition(seq: 0, at: Date(timeIntervalSince1970: 0))
    }

    /// The ends of several tenants' feeds; a tenant without events is missing.
    public func heads(of tenantIDs: [Int32]) async throws -> [Int32: FeedPosition] {
        try Self.heads(try await pool.query(Self.heads(of: tenantIDs)))
    }

    private static func heads(of tenantIDs: [Int32]) -> SQL {
        "SELECT tenant_id, seq, at FROM feed_head WHERE tenant_id = ANY (\(tenantIDs))"
    }

    private static func heads(_ rows: Rows) throws -> [Int32: FeedPosition] {
        Dictionary(
            uniqueKeysWithValues: try rows.decode(Int32.self, Int64.self, Date.self).map {
                ($0.0, FeedPosition(seq: $0.1, at: $0.2))
            }
        )
    }

    /// Where to start reading after a place whose time is not known: the day in which the next one lies.
    public func position(tenantID: Int32, after seq: Int64) async throws -> FeedPosition {
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT day::timestamp AT TIME ZONE 'UTC' FROM feed_day
            WHERE tenant_id = \(tenantID) AND first_seq <= greatest(\(seq), 0) + 1 ORDER BY first_seq DESC LIMIT 1
            """
        )
        return FeedPosition(seq: seq, at: try rows.decode(Date.self).first ?? Date(timeIntervalSince1970: 0))
    }

    /// The first place that is kept; nil for a tenant without events.
    public func oldest(tenantID: Int32) async throws -> Int64? {
        try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT coalesce((SELECT first_seq FROM feed_day WHERE tenant_id = \(tenantID) ORDER BY first_seq LIMIT 1),
                            (SELECT seq + 1 FROM feed_head WHERE tenant_id = \(tenantID)))
            """
        ).decode(Int64?.self).first ?? nil
    }

    /// The place before the first event that was sequenced at `time` or later; the end of the feed when there is none.
    public func position(tenantID: Int32, before time: Date) async throws -> FeedPosition {
        // Reads at most the tenant's events of one day.
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            WITH day AS (
                SELECT first_seq, lead(first_seq) OVER (ORDER BY first_seq) AS next_seq, day FROM feed_day
                WHERE tenant_id = \(tenantID)
            ), found AS (
                SELECT CASE WHEN day > (\(time) AT TIME ZONE 'UTC')::date THEN first_seq ELSE coalesce((
                           SELECT min(seq) FROM feed
                           WHERE tenant_id = \(tenantID) AND seq >= first_seq AND seq < coalesce(next_seq, seq + 1)
                             AND at >= \(time) AND at < (day + 1)::timestamp AT TIME ZONE 'UTC'), next_seq) END AS seq
                FROM day WHERE day >= (\(time) AT TIME ZONE 'UTC')::date ORDER BY first_seq LIMIT 1
            )
            SELECT seq - 1 FROM found WHERE seq IS NOT NULL
            """
        )
        guard let seq = try rows.decode(Int64.self).first else { return try await head(tenantID: tenantID) }
        return try await position(tenantID: tenantID, after: seq)
    }

    /// What a feed entry says, for the references (seq, at, outbox_id, identity, message_id) in `source`.
    ///
    /// `queued` and `scheduled` have no event row: the message's says when, and the outbox row's id is theirs. `place` becomes
    /// the last column.
    static func entries(of source: String, tenantID: SQL, place: SQL = "0::bigint") -> SQL {
        """
        SELECT f.seq, f.at, f.outbox_id, f.identity, coalesce(event.id, f.outbox_id)::text,
               coalesce(event.type, f.identity),
               to_char(coalesce(event.at, message.created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
               (jsonb_strip_nulls(jsonb_build_object(
                   'message_id', message.id, 'recipient', outbox.email, 'from', message.sender,
                   'subject', message.subject, 'region', message.region, 'stream', message.stream))
                || CASE WHEN message.id IS NULL THEN '{}' ELSE jsonb_build_object(
                       'status', status_name(coalesce(event.status, CASE f.identity
                           WHEN \(EventType.scheduled.rawValue) THEN \(MessageStatus.scheduled.rank)::smallint
                           ELSE \(MessageStatus.queued.rank)::smallint END)),
                       'tags', coalesce(message.tags, '{}'), 'metadata', coalesce(message.metadata, '{}')) END
                || CASE WHEN message.test THEN jsonb_build_object('test', true) ELSE '{}' END
                || coalesce(event.data, '{}'))::text,
               message.sender, message.region, message.stream, message.tags::text, \(place)
        FROM \(raw: source) AS f
        LEFT JOIN event ON event.outbox_id = f.outbox_id AND event.identity = f.identity AND event.tenant_id = \(tenantID)
        LEFT JOIN outbox ON outbox.id = f.outbox_id AND outbox.tenant_id = \(tenantID)
        LEFT JOIN message ON message.id = f.message_id AND message.tenant_id = \(tenantID)
        WHERE event.id IS NOT NULL OR message.id IS NOT NULL
        """
    }

    static func entry(_ row: Row) throws -> FeedEntry {
        let from = try row[8, as: String?.self]
        return FeedEntry(
            seq: try row[0, as: Int64.self],
            sequencedAt: try row[1, as: Date.self],
            event: EventReference(outboxID: try row[2, as: PostgresUUID.self], identity: try row[3, as: String.self]),
            id: try row[4, as: String.self],
            type: try row[5, as: String.self],
            timestamp: try row[6, as: String.self],
            data: try row[7, as: String.self],
            subject: try from.map {
                FeedEntry.Subject(
                    from: $0,
                    region: try row[9, as: String.self],
                    stream: try row[10, as: String.self],
                    tags: try row[11, as: String?.self]
                )
            }
        )
    }
}
