import Foundation
import Mail
import Postgres

@testable import Outbox

extension World {
    /// Writes so many messages of one recipient each over the last `days`, of the tenants in turn, as they are when SES has spoken:
    /// delivered, but one in a hundred bounced and one in a hundred failed. The n-th goes to `r<n % 1000>@d<n % 7>.example`.
    func fill(_ count: Int, days: Int, tenants: [Int32]) async throws {
        _ = try await pool.query(
            "SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - n) FROM generate_series(0, \(Int32(days) + 1)) AS n"
        )
        let lane = try lane("apa", "AT")
        let step = Double(days) * 86_400_000 / Double(count)
        _ = try await pool.query(
            """
            CREATE TABLE filled AS
            SELECT n, (\(tenants)::integer[])[n % cardinality(\(tenants)::integer[]) + 1] AS tenant_id,
                   CASE n / cardinality(\(tenants)::integer[]) % 100 WHEN 7 THEN 90 WHEN 8 THEN 43 ELSE 80 END::smallint AS status,
                   (lpad(to_hex((extract(epoch FROM now()) * 1000 - (\(Int32(count)) - n) * \(step)::float8)::bigint), 12, '0')
                    || '70008' || lpad(to_hex(n), 11, '0') || '0000')::uuid AS id
            FROM generate_series(1, \(Int32(count))) AS n
            """
        )
        for statement in Self.fills(lane: lane) { _ = try await pool.query(statement) }
        _ = try await pool.query("ANALYZE message, outbox, event")
    }

    private static func fills(lane: Int32) -> [SQL] {
        [
            """
            INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags, size)
            SELECT id, tenant_id, \(lane), 'AT', 'transactional', 1, true, 1, 'Shop <shop@apa.example>', 'Number ' || n,
                   CASE WHEN n % 1000 = 0 THEN '{"rare": "1"}'::jsonb END, 1000
            FROM filled
            """,
            """
            INSERT INTO outbox (id, tenant_id, email, kind, status, attempt, ses_message_id, heard)
            SELECT (left(id::text, 32) || '0001')::uuid, tenant_id, 'r' || n % 1000 || '@d' || n % 7 || '.example', 'to', status, 1,
                   'ses-' || n, true
            FROM filled
            """,
            """
            INSERT INTO event (tenant_id, outbox_id, identity, id, type, status)
            SELECT tenant_id, (left(filled.id::text, 32) || '0001')::uuid, type, new_id(), type, rank
            FROM filled CROSS JOIN LATERAL (VALUES
                ('email.sent', 50::smallint), ('email.' || status_name(filled.status), filled.status)) AS e (type, rank)
            """,
        ]
    }
}

extension PostgresPool {
    /// A statement's plan, as a list has it made: behind the wall of the tenant.
    func plan(_ statement: SQL, of tenant: Int32) async throws -> String {
        try await scoped(to: .tenant(tenant)).withTransaction { connection in
            try await connection.execute(ListReader.planning)
            let explain: SQL = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) \(statement)"
            return try await connection.query(explain, prepared: false).decode(String.self).joined(separator: "\n")
        }
    }
}
