/// What `pgbench` runs: the rows of accepted messages with one recipient each, in the tables and with the indexes that they
/// have, by the statements that acceptance uses.
///
/// Ids and texts are made by the server, so that nothing is spent on bringing them there: nothing that takes requests can reach
/// this.
enum LimitScript {
    /// Sent as one pipeline, which is one round trip.
    static func insert(_ batch: Int) -> String {
        let statements = rows(numbered: "generate_series(1, \(batch)) AS n", batch: ":k::bigint")
            .map { "INSERT INTO \($0.table) (\($0.columns)) \($0.rows);" }
        return (["\\set k :k + 1", "\\startpipeline", "BEGIN;"] + statements + ["COMMIT;", "\\endpipeline", ""])
            .joined(separator: "\n")
    }

    /// From files of the server's, one for each table and transaction of a client.
    static func copy(folder: String) -> String {
        let statements = tables.map { "COPY \($0.name) (\($0.columns)) FROM '\(folder)/\($0.name)-:client_id-:k';" }
        return (["\\set k :k + 1", "BEGIN;"] + statements + ["COMMIT;", ""]).joined(separator: "\n")
    }

    /// Writes the files for `copy`.
    static func files(folder: String, clients: Int, transactions: Int, batch: Int) -> String {
        var lines: [String] = []
        for client in 0..<clients {
            for transaction in 1...transactions {
                let source = rows(
                    numbered: "generate_series(1, \(batch)) AS n",
                    batch: "\(transaction)::bigint",
                    client: "\(client)",
                    milliseconds: "(extract(epoch FROM now()) * 1000)::bigint"
                )
                lines += source.map { "COPY (\($0.rows)) TO '\(folder)/\($0.table)-\(client)-\(transaction)';" }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static let tables = [
        (
            name: "message",
            columns: "id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, subject, size"
        ),
        (name: "body", columns: "id, kind, content"),
        (name: "outbox", columns: "id, tenant_id, email, kind, status"),
        (name: "ready", columns: "lane_id, priority, id, recipients"),
        (name: "event_batch", columns: "tenant_ids, outbox_ids, identities"),
    ]

    private static func rows(
        numbered series: String,
        batch: String,
        client: String = ":client_id::bigint",
        milliseconds: String = ":ms::bigint"
    ) -> [(table: String, columns: String, rows: String)] {
        func id(_ end: String) -> String {
            """
            (lpad(to_hex(\(milliseconds)), 12, '0') || '7' || lpad(to_hex(\(client)), 3, '0') || lpad(to_hex(\(batch)), 8, '0')\
             || lpad(to_hex(n), 4, '0') || '\(end)')::uuid
            """
        }
        let (message, row) = (id("0000"), id("0001"))
        let selects = [
            """
            SELECT \(message), 1, 1, 'all', 'transactional', 1::smallint, true, 1::smallint, 'Shop <shop@t0.example>', \
            'Your order is on its way', 2048 FROM \(series)
            """,
            "SELECT \(message), 0::smallint, convert_to('\(MailText.text)', 'UTF8') FROM \(series)",
            "SELECT \(row), 1, 'reader-000000000001@example.org', 'to', 10::smallint FROM \(series)",
            "SELECT 1, 1::smallint, \(row), 1::smallint FROM \(series)",
            "SELECT array_agg(1), array_agg(\(row)), array_agg('email.queued'::text) FROM \(series)",
        ]
        return zip(tables, selects).map { ($0.name, $0.columns, $1) }
    }
}
