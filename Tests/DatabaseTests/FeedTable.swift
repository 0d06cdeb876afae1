import Foundation
import Postgres

/// Writes events straight into a tenant's feed, as the sequencer does.
enum FeedTable {
    /// Appends notices, one at each of the given times, which never fall; returns their event ids.
    @discardableResult
    static func append(_ times: [Date], tenantID: Int32, _ pool: PostgresPool) async throws -> [UUID] {
        var ids: [UUID] = []
        for time in times {
            let id = try await pool.query(
                """
                WITH event AS (
                    INSERT INTO event (tenant_id, outbox_id, identity, id, type, data)
                    SELECT \(tenantID), id, 'webhook.disabled', id, 'webhook.disabled', '{}' FROM new_id() AS id
                    RETURNING id, outbox_id, identity
                ), head AS (
                    INSERT INTO feed_head (tenant_id, seq, at) VALUES (\(tenantID), 1, \(time))
                    ON CONFLICT (tenant_id) DO UPDATE SET seq = feed_head.seq + 1, at = excluded.at
                    RETURNING seq
                ), day AS (
                    INSERT INTO feed_day (tenant_id, day, first_seq)
                    SELECT \(tenantID), (\(time)::timestamptz AT TIME ZONE 'UTC')::date, seq FROM head
                    WHERE NOT EXISTS (
                        SELECT FROM feed_day
                        WHERE tenant_id = \(tenantID) AND day = (\(time)::timestamptz AT TIME ZONE 'UTC')::date)
                )
                INSERT INTO feed (tenant_id, seq, at, outbox_id, identity)
                SELECT \(tenantID), seq, \(time), outbox_id, identity FROM event, head RETURNING outbox_id
                """
            ).decode(UUID.self)
            ids += id
        }
        return ids
    }
}
