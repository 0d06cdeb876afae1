import Mail
import Outbox
import Postgres

/// The turn to mail a tenant's report of a week, and the message that it is mailed as, whoever does it.
struct ReportTurn: Equatable, Sendable {
    let tenantID: Int32
    let week: ReportWeek
    let messageID: MessageID
}

/// Gives the turns, each to one node at a time. A row is decided before its mail is accepted, and settled behind it.
struct ReportTurns: Sendable {
    enum Outcome: String, Sendable {
        case mailed
        case noTraffic = "no_traffic"
    }

    private let pool: PostgresPool

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Those of the tenants whose turn nobody has, and whose report is not settled.
    func due(_ tenants: [Int32], _ week: ReportWeek) async throws -> [Int32] {
        let others = try await pool.query(
            """
            SELECT r.tenant_id FROM unnest(\(tenants)) AS t (id) JOIN report_mail AS r ON r.tenant_id = t.id
            WHERE r.week = \(week.days[0])::text::date AND (r.settled_at IS NOT NULL OR r.taken_until > now())
            """
        ).decode(Int32.self)
        return tenants.filter { !others.contains($0) }
    }

    /// Nil where another node has it. A turn that was given before, and not settled, keeps its message.
    func take(_ tenantID: Int32, _ week: ReportWeek, proposing id: MessageID) async throws -> ReportTurn? {
        let uuid = try await pool.query(
            """
            INSERT INTO report_mail AS r (tenant_id, week, message_id, taken_until)
            VALUES (\(tenantID), \(week.days[0])::text::date, \(Self.uuid(id)), now() + interval '2 minutes')
            ON CONFLICT (tenant_id, week) DO UPDATE SET
                taken_until = now() + least(interval '2 minutes' * 2 ^ least(r.tries, 6), interval '1 hour'),
                tries = r.tries + 1
            WHERE r.settled_at IS NULL AND r.taken_until <= now()
            RETURNING message_id
            """
        ).decode(PostgresUUID.self).first
        guard let uuid, let id = MessageID(high: uuid.high, low: uuid.low) else { return nil }
        return ReportTurn(tenantID: tenantID, week: week, messageID: id)
    }

    /// Whether its message is in the outbox.
    func isAccepted(_ turn: ReportTurn) async throws -> Bool {
        try await pool.query(
            "SELECT 1::bigint FROM message WHERE id = \(Self.uuid(turn.messageID)) AND tenant_id = \(turn.tenantID)"
        ).decode(Int.self).first != nil
    }

    /// Its mail is in the outbox, or there is none to mail.
    func settle(_ turn: ReportTurn, _ outcome: Outcome, recipients: Int = 0) async throws {
        _ = try await pool.query(
            """
            UPDATE report_mail SET settled_at = now(), outcome = \(outcome.rawValue), recipients = \(Int32(recipients))
            WHERE tenant_id = \(turn.tenantID) AND week = \(turn.week.days[0])::text::date AND settled_at IS NULL
            """
        )
    }

    /// Recipients of reports that were mailed in the week, which are no traffic of the tenant's own.
    func recipients(_ tenantID: Int32, in week: ReportWeek) async throws -> Int {
        try await pool.query(
            """
            SELECT coalesce(sum(recipients), 0)::bigint FROM report_mail
            WHERE tenant_id = \(tenantID) AND settled_at >= \(week.start) AND settled_at < \(week.end)
            """
        ).decode(Int.self).first ?? 0
    }

    private static func uuid(_ id: MessageID) -> PostgresUUID { PostgresUUID(high: id.high, low: id.low) }
}
