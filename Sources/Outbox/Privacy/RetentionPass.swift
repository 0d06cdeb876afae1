import Mail
import Postgres
import Sealing

/// Meets tenants' wishes to keep things for shorter than the day partitions do, some rows at a time. A cursor for each tenant
/// and kind says how far it has come, so that it can stop anywhere.
struct RetentionPass: Sendable {
    /// Rows that one statement looks at, whoever they belong to.
    private static let looked: Int32 = 2000

    let pool: PostgresPool
    let pseudonyms: Pseudonyms

    /// What a tenant may keep for shorter. Data of recipients go with the bodies.
    enum Kind: String, CaseIterable {
        case bodies, data, addresses, events

        /// The column with the tenant's wish.
        var wish: String { self == .data ? Kind.bodies.rawValue : rawValue }
    }

    /// Works until `end`; false when there is more to do then. A tenant whose turn another node has is left to that.
    func run(until end: ContinuousClock.Instant) async throws -> Bool {
        for kind in Kind.allCases {
            let tenants = try await pool.query(
                "SELECT tenant_id FROM tenant_retention WHERE \(raw: kind.wish) IS NOT NULL ORDER BY tenant_id"
            ).decode(Int32.self)
            for tenant in tenants {
                while try await step(kind, tenantID: tenant) {
                    guard ContinuousClock.now < end, !Task.isCancelled else { return false }
                }
            }
        }
        return true
    }

    /// Looks at the next rows; false when there are no more that are old enough.
    func step(_ kind: Kind, tenantID: Int32) async throws -> Bool {
        try await pool.withTransaction { connection in
            let places = try await connection.query(
                """
                SELECT \(raw: kind.rawValue)_cursor, first_id_at(now() - \(raw: kind.wish)) FROM tenant_retention
                WHERE tenant_id = \(tenantID) AND \(raw: kind.wish) IS NOT NULL FOR UPDATE SKIP LOCKED
                """
            ).decode(PostgresUUID.self, PostgresUUID.self)
            guard let (cursor, end) = places.first, cursor < end else { return false }
            let last = try await look(kind, tenantID: tenantID, after: cursor, before: end, on: connection)
            _ = try await connection.query(
                """
                UPDATE tenant_retention SET \(raw: kind.rawValue)_cursor = \(last ?? end)
                WHERE tenant_id = \(tenantID)
                """
            )
            return last != nil
        }
    }

    /// The last row that was looked at; nil when there may be no more.
    private func look(
        _ kind: Kind,
        tenantID: Int32,
        after: PostgresUUID,
        before: PostgresUUID,
        on connection: PostgresConnection
    ) async throws -> PostgresUUID? {
        if kind == .addresses { return try await pseudonymise(tenantID, after, before, on: connection) }
        let rows = try await connection.query(
            Self.statement(kind, tenantID: tenantID, after: after, before: before)
        ).decode(Int.self, PostgresUUID?.self)
        guard let (count, last) = rows.first, count == Int(Self.looked) else { return nil }
        return last
    }

    private static func statement(_ kind: Kind, tenantID: Int32, after: PostgresUUID, before: PostgresUUID) -> SQL {
        func look(_ table: String, _ id: String, _ columns: String, of owner: SQL = "") -> SQL {
            """
            looked AS MATERIALIZED (
                SELECT \(raw: id) AS id\(raw: columns) FROM \(raw: table)
                WHERE \(owner) \(raw: id) > \(after) AND \(raw: id) < \(before) ORDER BY \(raw: id) LIMIT \(looked)
            )
            """
        }
        let answer: SQL = "SELECT (SELECT count(*) FROM looked), (SELECT id FROM looked ORDER BY id DESC LIMIT 1)"
        switch kind {
        case .bodies, .addresses:
            return """
                WITH \(look("message", "id", "", of: "tenant_id = \(tenantID) AND")), finished AS MATERIALIZED (
                    SELECT id FROM looked WHERE NOT \(RowErasure.waits("looked.id"))
                ), gone AS (
                    DELETE FROM body USING finished WHERE body.id = finished.id
                ), gone_kept AS (
                    DELETE FROM body_kept AS kept USING finished WHERE kept.id = finished.id
                )
                \(answer)
                """
        case .data:
            return """
                WITH \(look("recipient_data", "id", "")), finished AS MATERIALIZED (
                    SELECT looked.id FROM looked JOIN outbox ON outbox.id = looked.id
                    WHERE outbox.tenant_id = \(tenantID) AND outbox.status >= \(RowErasure.leastOver)
                ), gone AS (
                    DELETE FROM recipient_data USING finished WHERE recipient_data.id = finished.id
                )
                \(answer)
                """
        case .events:
            return """
                WITH \(look("event", "outbox_id", ", tenant_id")), gone AS (
                    DELETE FROM event USING (SELECT DISTINCT id FROM looked WHERE tenant_id = \(tenantID)) AS old
                    WHERE event.outbox_id = old.id
                )
                \(answer)
                """
        }
    }

    private func pseudonymise(
        _ tenantID: Int32,
        _ after: PostgresUUID,
        _ before: PostgresUUID,
        on connection: PostgresConnection
    ) async throws -> PostgresUUID? {
        let rows = try await connection.query(
            """
            SELECT id, CASE WHEN tenant_id = \(tenantID) AND status >= \(RowErasure.leastOver) AND NOT is_pseudonym(email)
                            THEN email END
            FROM outbox WHERE id > \(after) AND id < \(before) ORDER BY id LIMIT \(Self.looked)
            """
        ).decode(PostgresUUID.self, String?.self)
        let old = rows.compactMap { row in row.1.map { (id: row.0, email: $0) } }
        if !old.isEmpty {
            let names = try await pseudonyms.names(of: old.map(\.email), tenantID: tenantID)
            _ = try await RowErasure.erase(
                zip(old, names).map { ($0.0.id, $0.1) },
                tenantID: tenantID,
                on: connection
            )
        }
        return rows.count == Int(Self.looked) ? rows.last?.0 : nil
    }
}
