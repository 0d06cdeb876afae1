/// Mail that waits in a tenant's lane, written straight into the tables that accepting writes.
struct Backlog: Sendable {
    private static let step = 50_000

    let bed: Bed
    /// Of the body, roughly.
    var bytes = 200

    /// Queues so many messages of one recipient each for tenant `t<tenant>`, in its first lane.
    ///
    /// - Parameter first: a number that no message of this database's backlog has yet; the messages take those from there on.
    func fill(_ messages: Int, tenant: Int, from first: Int = 0, _ progress: (Int) -> Void = { _ in }) async throws {
        var done = 0
        while done < messages {
            try Task.checkCancellation()
            let count = min(Self.step, messages - done)
            try await bed.server.query(statement(first + done, count, tenant: tenant), database: bed.database)
            done += count
            progress(done)
        }
        try await bed.server.query("ANALYZE ready", database: bed.database)
    }

    /// The ids are UUIDv7 of now with the number in the random bits.
    private func statement(_ first: Int, _ count: Int, tenant: Int) -> String {
        """
        WITH lane AS (
            SELECT lane.id, lane.tenant_id, lane.stream, route.region FROM lane
            JOIN tenant ON tenant.id = lane.tenant_id JOIN route ON route.tenant_id = tenant.id AND route.share_id = lane.share_id
            WHERE tenant.name = 't\(tenant)' AND lane.stream = 'transactional' ORDER BY lane.id LIMIT 1
        ), m AS MATERIALIZED (
            SELECT n, lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '70008'
                      || lpad(to_hex(n), 11, '0') AS head
            FROM generate_series(\(first), \(first + count - 1)) AS n
        ), messages AS (
            INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, size)
            SELECT (head || '0000')::uuid, lane.tenant_id, lane.id, lane.region, lane.stream, 1, true, 1,
                   'Shop <shop@t\(tenant).example>', 'Number ' || n, \(bytes)
            FROM m CROSS JOIN lane
        ), bodies AS (
            INSERT INTO body (id, kind, content)
            SELECT (head || '0000')::uuid, 1, convert_to(
                'From: Shop <shop@t\(tenant).example>' || E'\\r\\nTo: r' || n || '@example.org'
                || E'\\r\\nSubject: Hello\\r\\nMIME-Version: 1.0\\r\\nContent-Type: text/plain\\r\\n\\r\\n'
                || repeat('Hello again. ', \(max(1, bytes / 13))) || E'\\r\\n', 'UTF8')
            FROM m
        ), rows AS (
            INSERT INTO outbox (id, tenant_id, email, kind, status)
            SELECT (head || '0001')::uuid, lane.tenant_id, 'r' || n || '@example.org', 'to', 10 FROM m CROSS JOIN lane
        )
        INSERT INTO ready (lane_id, priority, id, recipients)
        SELECT lane.id, 1, (head || '0001')::uuid, 1 FROM m CROSS JOIN lane;
        """
    }
}
