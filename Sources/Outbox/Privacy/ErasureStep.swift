import Postgres

/// One step of one erasure, in one transaction: some rows of the address erased, and the place noted.
struct ErasureStep: Sendable {
    /// Rows of the address that one step erases.
    static let most = 200
    /// For rows that are being sent.
    private static let patience = Duration.seconds(3)

    let pool: PostgresPool

    private struct Open {
        let id: PostgresUUID
        let tenantID: Int32
        let pseudonym: String
        let email: String
        let cursor: PostgresUUID
        let last: PostgresUUID
    }

    /// False when there is nothing to do now.
    func run() async throws -> Bool {
        try await pool.withTransaction { connection in
            guard let open = try await next(on: connection) else { return false }
            let found = try await look(open, on: connection)
            let rows = Array(found.prefix(Self.most))
            let busy = rows.isEmpty ? nil : try await erase(rows, of: open, on: connection)
            // What is not erased yet is found again.
            let place = busy.map { PostgresUUID(high: $0.high, low: $0.low - 1) } ?? rows.last ?? open.last
            try await note(open, place: place, waits: busy != nil, on: connection)
            if busy == nil, found.count <= Self.most { try await finish(open, on: connection) }
            return true
        }
    }

    private func next(on connection: PostgresConnection) async throws -> Open? {
        try await connection.query(
            """
            SELECT id, tenant_id, pseudonym, email, cursor_id, last_id FROM erasure
            WHERE ended_at IS NULL AND next_at <= now() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
            """
        ).decode(PostgresUUID.self, Int32.self, String.self, String.self, PostgresUUID.self, PostgresUUID.self).first
            .map {
                Open(id: $0.0, tenantID: $0.1, pseudonym: $0.2, email: $0.3, cursor: $0.4, last: $0.5)
            }
    }

    /// The ids of the next rows that have the address, one more than is erased.
    private func look(_ open: Open, on connection: PostgresConnection) async throws -> [PostgresUUID] {
        try await connection.query(
            """
            SELECT id FROM outbox
            WHERE tenant_id = \(open.tenantID) AND address_hash = hashtext(\(open.email)) AND lower(email) = \(open.email)
              AND id > \(open.cursor) AND id <= \(open.last)
            ORDER BY id LIMIT \(Int32(Self.most + 1))
            """
        ).decode(PostgresUUID.self)
    }

    /// Erases what can be; returns the first row that is being sent, or whose outcome is not known yet.
    private func erase(
        _ rows: [PostgresUUID],
        of open: Open,
        on connection: PostgresConnection
    ) async throws -> PostgresUUID? {
        try await connection.pipeline(WaitingErasure.locks(rows, tenantID: open.tenantID))
        var canceled = try await WaitingErasure.cancel(rows, tenantID: open.tenantID, on: connection)
        canceled += try await WaitingErasure.leaveOut(rows, tenantID: open.tenantID, on: connection)
        let states = try await connection.query(
            "SELECT id, status >= \(RowErasure.leastOver) FROM outbox WHERE id = ANY (\(rows)) ORDER BY id"
        ).decode(PostgresUUID.self, Bool.self)
        let counts = try await RowErasure.erase(
            states.filter(\.1).map { ($0.0, open.pseudonym) },
            tenantID: open.tenantID,
            on: connection
        )
        _ = try await connection.query(
            """
            UPDATE erasure SET canceled = canceled + \(Int64(canceled)), recipients = recipients + \(Int64(counts.recipients)),
                events = events + \(Int64(counts.events)), bodies = bodies + \(Int64(counts.bodies))
            WHERE id = \(open.id)
            """
        )
        return states.first { !$0.1 }?.0
    }

    private func note(
        _ open: Open,
        place: PostgresUUID,
        waits: Bool,
        on connection: PostgresConnection
    ) async throws {
        _ = try await connection.query(
            """
            UPDATE erasure SET cursor_id = \(place), next_at = clock_timestamp() + \(waits ? Self.patience : .zero)
            WHERE id = \(open.id)
            """
        )
    }

    /// What is suppressed stays so under the pseudonym; the address itself goes last.
    private func finish(_ open: Open, on connection: PostgresConnection) async throws {
        let suppressions: Int64 =
            try await connection.query(
                """
                WITH gone AS (
                    DELETE FROM suppression WHERE tenant_id = \(open.tenantID) AND email = \(open.email)
                    RETURNING stream, reason, created_at
                ), kept AS (
                    INSERT INTO suppression (tenant_id, email, stream, reason, created_at)
                    SELECT \(open.tenantID), \(open.pseudonym), stream, reason, created_at FROM gone
                    ON CONFLICT DO NOTHING
                )
                SELECT count(*) FROM gone
                """
            ).decode(Int64.self).first ?? 0
        // Events that stand alone, because the mail that they came from is forgotten.
        _ = try await connection.query(
            """
            UPDATE event SET data = data || jsonb_build_object('recipient', \(open.pseudonym)::text)
            WHERE tenant_id = \(open.tenantID) AND status IS NULL AND lower(data ->> 'recipient') = \(open.email)
            """
        )
        // What was set aside of the tenant's accounts; there are few of these.
        _ = try await connection.query(
            """
            DELETE FROM feedback_kept WHERE strpos(lower(body), \(open.email)) > 0 AND account_id IN (
                SELECT share.account_id FROM lane JOIN share ON share.id = lane.share_id
                WHERE lane.tenant_id = \(open.tenantID))
            """
        )
        _ = try await connection.query(
            """
            UPDATE erasure SET suppressions = \(suppressions), email = NULL, ended_at = clock_timestamp() WHERE id = \(open.id)
            """
        )
    }
}
