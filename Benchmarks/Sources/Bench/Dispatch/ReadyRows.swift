import Foundation

/// Messages with one recipient each, written as accept writes them, but in a few statements: their queue entries become visible
/// at one instant.
struct ReadyRows: Sendable {
    /// Of a body's text: with what surrounds it 2 KiB.
    private static let text = String(
        String(repeating: "The quick brown fox jumps over the lazy dog, and the dog lets it pass. ", count: 28).prefix(
            1850
        )
    )

    let count: Int

    /// Everything but the queue entries. Five ids a millisecond, as 5,000 accepted in a second have.
    var messages: String {
        """
        CREATE TABLE bench_row AS
        SELECT n, (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - (\(count) - n) / 5), 12, '0') || '7'
                   || lpad(to_hex(n % 5), 3, '0') || '8' || lpad(to_hex(n), 11, '0') || '0000')::uuid AS id
        FROM generate_series(1, \(count)) AS n;
        WITH sizes AS MATERIALIZED (
            SELECT id, convert_to(json_build_object(
                'from', 'Shop <shop@t0.example>', 'to', 'r-' || n || '@example.org', 'replyTo', '[]'::json,
                'subject', 'Number ' || n, 'text', '\(Self.text)', 'headers', '[]'::json)::text, 'UTF8') AS content, n
            FROM bench_row
        ), bodies AS (
            INSERT INTO body (id, kind, content) SELECT id, 0, content FROM sizes
        )
        INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, size)
        SELECT sizes.id, lane.tenant_id, lane.id, 'all', lane.stream, 1, true, 1, 'Shop <shop@t0.example>', 'Number ' || n,
               length(content)
        FROM sizes, (SELECT * FROM lane WHERE stream = 'transactional' ORDER BY id LIMIT 1) AS lane;
        INSERT INTO outbox (id, tenant_id, email, kind, status)
        SELECT (left(bench_row.id::text, 32) || '0001')::uuid, tenant_id, 'r-' || n || '@example.org', 'to', \(Self.queued)
        FROM bench_row JOIN message USING (id);
        INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
        SELECT array_agg(tenant_id), array_agg(id), array_agg('queued'::text)
        FROM outbox GROUP BY ('x' || substr(replace(id::text, '-', ''), 21, 8))::bit(32)::bigint / 500;
        ANALYZE message, body, outbox, event;
        CHECKPOINT;
        """
    }

    /// The queue entries; answers when they were committed, in seconds since 1970 on the server's clock.
    let entries = """
        INSERT INTO ready (lane_id, priority, id, recipients)
        SELECT lane_id, priority, (left(id::text, 32) || '0001')::uuid, 1 FROM message ORDER BY id;
        SELECT extract(epoch FROM clock_timestamp());
        """

    /// The rank of `queued`.
    private static let queued = 10
}
