import Mail
package import Postgres

/// Counts what has come into the tenants' feeds since the last time.
///
/// Counters and cursors move in one transaction, and each place of a feed is passed once: so the sums are exact, however often a
/// node dies in between.
package struct UsageFold: Sendable {
    /// Places of one tenant, and of all of them, that are passed at a time.
    package static let mostOfOne: Int64 = 10_000
    package static let most: Int64 = 50_000

    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Returns how many places it has passed; nothing while another node is at it.
    package func take() async throws -> Int {
        try await pool.withTransaction { connection in
            let isFree = try await connection.query("SELECT pg_try_advisory_xact_lock(hashtext('sluice usage'))")
                .decode(Bool.self).first
            // Asked apart: whoever has the lock sees what the one before has committed.
            guard isFree == true else { return 0 }
            return try await connection.query(Self.statement).decode(Int.self).first ?? 0
        }
    }

    /// Those who were passed longest ago come first, so that a tenant with very many events keeps nobody's from being counted.
    package static var statement: SQL {
        """
        WITH news AS MATERIALIZED (
            SELECT n.*, sum(last_seq - first_seq) OVER (ORDER BY counted_at NULLS FIRST, tenant_id)
                        - (last_seq - first_seq) AS before
            FROM (
                SELECT h.tenant_id, c.counted_at, coalesce(c.at, 'epoch') AS at, s.first_seq,
                       least(h.seq, s.first_seq + \(mostOfOne)) AS last_seq
                FROM feed_head AS h LEFT JOIN usage_cursor AS c ON c.tenant_id = h.tenant_id
                CROSS JOIN LATERAL (SELECT coalesce(c.seq, (
                    -- What retention has dropped before anything was counted stays out.
                    SELECT d.first_seq - 1 FROM feed_day AS d WHERE d.tenant_id = h.tenant_id ORDER BY d.first_seq LIMIT 1
                ), h.seq) AS first_seq) AS s
                WHERE h.seq > s.first_seq
            ) AS n
        ), due AS MATERIALIZED (
            SELECT tenant_id, at, first_seq, last_seq FROM news WHERE before < \(most)
        ), happened AS MATERIALIZED (
            -- By message first: most of what happens to one comes within seconds, and its region is looked up once.
            SELECT due.tenant_id, message_of(f.outbox_id) AS message_id, f.day,
                   count(*) FILTER (WHERE f.kind IN (\(accepted))) AS accepted,
                   count(*) FILTER (WHERE f.kind = \(EventType.sent.rawValue)) AS sent,
                   count(*) FILTER (WHERE f.kind = \(EventType.delivered.rawValue)) AS delivered,
                   count(*) FILTER (WHERE f.kind = \(EventType.bounced.rawValue)) AS bounced,
                   count(*) FILTER (WHERE f.kind = \(EventType.complained.rawValue)) AS complained
            FROM due CROSS JOIN LATERAL (
                SELECT feed.outbox_id, (feed.at AT TIME ZONE 'UTC')::date AS day,
                       -- Suppressed when it was accepted: later ones have the number of their claim behind the name.
                       CASE WHEN feed.identity = \(EventType.suppressed.rawValue) THEN \(EventType.queued.rawValue)
                            ELSE split_part(feed.identity, ':', 1) END AS kind
                FROM feed
                WHERE feed.tenant_id = due.tenant_id AND feed.seq > due.first_seq AND feed.seq <= due.last_seq
                  AND feed.at >= due.at OFFSET 0
            ) AS f
            WHERE f.kind IN (\(accepted), \(EventType.sent.rawValue), \(EventType.delivered.rawValue),
                             \(EventType.bounced.rawValue), \(EventType.complained.rawValue))
            GROUP BY due.tenant_id, message_id, f.day
        ), counted AS (
            INSERT INTO usage_day AS u (tenant_id, day, region, accepted, sent, delivered, bounced, complained)
            SELECT happened.tenant_id, happened.day, m.region, sum(happened.accepted), sum(happened.sent),
                   sum(happened.delivered), sum(happened.bounced), sum(happened.complained)
            FROM happened CROSS JOIN LATERAL (
                SELECT message.region FROM message
                WHERE message.id = happened.message_id AND message.tenant_id = happened.tenant_id OFFSET 0
            ) AS m
            GROUP BY happened.tenant_id, happened.day, m.region
            ON CONFLICT (tenant_id, day, region) DO UPDATE SET
                accepted = u.accepted + excluded.accepted, sent = u.sent + excluded.sent,
                delivered = u.delivered + excluded.delivered, bounced = u.bounced + excluded.bounced,
                complained = u.complained + excluded.complained
        ), passed AS (
            INSERT INTO usage_cursor AS c (tenant_id, seq, at, counted_at)
            SELECT due.tenant_id, due.last_seq, coalesce((
                       SELECT feed.at FROM feed
                       WHERE feed.tenant_id = due.tenant_id AND feed.seq = due.last_seq AND feed.at >= due.at
                   ), due.at), clock_timestamp()
            FROM due
            ON CONFLICT (tenant_id) DO UPDATE SET
                seq = excluded.seq, at = excluded.at, counted_at = excluded.counted_at
        )
        SELECT coalesce(sum(last_seq - first_seq), 0)::bigint FROM due
        """
    }

    private static let accepted: SQL = "\(EventType.queued.rawValue), \(EventType.scheduled.rawValue)"
}
