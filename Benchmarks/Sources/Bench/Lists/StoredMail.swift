/// Mail of the last weeks, as it lies there when SES has spoken: written straight into the tables, a day at a time.
///
/// Half of it is tenant `t0`'s, the rest is the others' in equal parts. Of every hundred one has bounced and one has failed; of every
/// hundred thousand one is tagged `rare`.
struct StoredMail: Sendable {
    let bed: Bed
    let messages: Int
    let days: Int
    /// Addresses that it goes to.
    let readers: Int

    func fill(_ progress: (Int) -> Void) async throws {
        var done = 0
        for day in (0..<days).reversed() {
            try Task.checkCancellation()
            let count = messages / days + (day == 0 ? messages % days : 0)
            try await bed.server.query(statement(day, done, count), database: bed.database)
            done += count
            progress(done)
        }
        try await bed.server.query(
            """
            ANALYZE message, outbox, event;
            VACUUM message, outbox, event;
            CHECKPOINT;
            """,
            database: bed.database
        )
    }

    /// The messages of a day, spread over it; of today, over what has passed.
    private func statement(_ day: Int, _ first: Int, _ count: Int) -> String {
        """
        SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - \(day));
        CREATE UNLOGGED TABLE stored AS
        WITH span AS (
            SELECT extract(epoch FROM start AT TIME ZONE 'UTC') * 1000 AS start,
                   extract(epoch FROM least(start + interval '1 day', now() AT TIME ZONE 'UTC') - start) * 1000 AS length
            FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') - interval '\(day) days' AS start) AS s
        ), who AS (
            SELECT array_agg(id ORDER BY substr(name, 2)::integer) AS ids FROM tenant
        )
        SELECT n, CASE WHEN n % 2 = 0 THEN ids[1] ELSE ids[2 + n / 2 % (cardinality(ids) - 1)] END AS tenant_id,
               CASE n / 2 % 100 WHEN 7 THEN 90 WHEN 8 THEN 43 ELSE 80 END::smallint AS status,
               lpad(to_hex((start + length * (n - \(first)) / \(count + 1))::bigint), 12, '0') || '70008'
                   || lpad(to_hex(n), 11, '0') AS head
        FROM span, who, generate_series(\(first + 1), \(first + count)) AS n;
        INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, tags, size)
        SELECT (head || '0000')::uuid, tenant_id, 1, 'all', 'transactional', 1, true, 1, 'Shop <shop@t0.example>', 'Order number ' || n,
               CASE WHEN n % 100000 = 0 THEN '{"rare": "1"}' ELSE '{"kind": "order"}' END::jsonb, 2048
        FROM stored;
        INSERT INTO outbox (id, tenant_id, email, kind, status, attempt, ses_message_id, detail, heard)
        SELECT (head || '0001')::uuid, tenant_id, 'reader-' || n % \(readers) || '@d' || n % 7 || '.example.org', 'to', status, 1,
               '0100' || md5(n::text) || '-000000', CASE WHEN status <> 80 THEN 'smtp; 550 5.1.1 user unknown' END, true
        FROM stored;
        INSERT INTO event (tenant_id, outbox_id, identity, id, type, status, data)
        SELECT tenant_id, (head || '0001')::uuid, type || ':0100' || md5(n::text) || '-000000', new_id(), type, rank,
               '{"reason": "smtp; 550 5.1.1 user unknown"}'
        FROM stored CROSS JOIN LATERAL (VALUES
            ('email.sent', 50::smallint), ('email.' || status_name(status), status)) AS e (type, rank);
        DROP TABLE stored;
        """
    }
}
