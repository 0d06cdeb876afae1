/// All that the database holds of some tenants and their tests, table by table, as text.
struct StoredRows: Equatable, Sendable {
    private(set) var tables: [String: String] = [:]

    /// - Parameter names: of tenants.
    static func of(_ names: [String], in cluster: Cluster) async throws -> StoredRows {
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        let own =
            "SELECT id FROM tenant WHERE name IN (\(list)) OR test_of IN (SELECT id FROM tenant WHERE name IN (\(list)))"
        let walled =
            try await cluster.text(
                """
                SELECT string_agg(c.relname, ' ') FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND a.attname = 'tenant_id' AND NOT a.attisdropped
                """
            ) ?? ""
        var conditions = [
            "tenant": "id IN (\(own))",
            "template_version": "template_id IN (SELECT id FROM template WHERE tenant_id IN (\(own)))",
            "identity": "strpos(name, '\(Estate.word)') > 0",
            "audit": names.map { "object LIKE '%tenant \($0)'" }.joined(separator: " OR "),
        ]
        for table in walled.split(separator: " ") { conditions[String(table)] = "tenant_id IN (\(own))" }
        for table in ["ready", "deferred", "expiry"] {
            conditions[table] = "lane_id IN (SELECT id FROM lane WHERE tenant_id IN (\(own)))"
        }
        for table in ["webhook_queue", "webhook_replay"] {
            conditions[table] = "endpoint_id IN (SELECT id FROM webhook_endpoint WHERE tenant_id IN (\(own)))"
        }
        conditions["body"] = "id IN (SELECT id FROM message WHERE tenant_id IN (\(own)))"
        conditions["recipient_data"] = "id IN (SELECT id FROM outbox WHERE tenant_id IN (\(own)))"
        for table in ["send_log", "ses_id"] {
            conditions[table] = "outbox_id IN (SELECT id FROM outbox WHERE tenant_id IN (\(own)))"
        }
        var rows = StoredRows()
        for (table, condition) in conditions {
            // When a key was used last is written a while after its use; counting is its own time's witness only.
            let columns = "(to_jsonb(\(table)) - 'last_used_at' - 'counted_at')::text"
            rows.tables[table] = try await cluster.text(
                "SELECT string_agg(\(columns), E'\\n' ORDER BY \(columns)) FROM \(table) WHERE \(condition)"
            )
        }
        return rows
    }

    /// The same, once nothing of it changes by itself any more.
    static func atRest(_ names: [String], in cluster: Cluster) async throws -> StoredRows {
        try await eventually("every event has its place, and is counted") {
            let open = try await cluster.rows(in: "event_batch", "reputation_note")
            let behind = try await cluster.rows(
                in:
                    "feed_head LEFT JOIN usage_cursor USING (tenant_id) WHERE usage_cursor.seq IS DISTINCT FROM feed_head.seq"
            )
            return open + behind == 0
        }
        var last = try await of(names, in: cluster)
        try await eventually("all is counted and noted", every: .seconds(3)) {
            let next = try await of(names, in: cluster)
            defer { last = next }
            return next == last
        }
        return last
    }

    /// The tables that differ, with what was and what is.
    func differences(to other: StoredRows) -> [String] {
        Set(tables.keys).union(other.tables.keys).sorted().filter { tables[$0] != other.tables[$0] }.map { table in
            let (before, after) = (lines(table), other.lines(table))
            return "\(table): gone \(before.subtracting(after)), new \(after.subtracting(before))"
        }
    }

    private func lines(_ table: String) -> Set<Substring> { Set((tables[table] ?? "").split(separator: "\n")) }
}
