import Postgres

/// The statements by which a flush learns how much room tenants with limits have, and notes what it took.
///
/// Nobody's row is locked: what a flush took is a row of its own, which `WaitingCount` adds up later. Two flushes at once do not
/// see each other, so together they may go beyond a limit by what the others of them hold: at most 500 messages each, two a
/// node.
enum RoomStatement {
    /// The look for a flush; none when nobody in it has limits.
    static func looks(for submissions: [Submission]) -> [SQL] {
        let tenants = Set(submissions.lazy.filter { !$0.limits.isEmpty }.map(\.tenantID)).sorted()
        return tenants.isEmpty ? [] : [look(at: tenants)]
    }

    /// (tenant, waiting, accepted since, slots, their recipients, now): all of one state of the database.
    static func look(at tenants: [Int32]) -> SQL {
        """
        SELECT t.id,
               coalesce((SELECT waiting FROM tenant_queue WHERE tenant_queue.tenant_id = t.id), 0),
               coalesce((SELECT sum(recipients) FROM accept_count WHERE accept_count.tenant_id = t.id), 0)::bigint,
               ARRAY(SELECT slot FROM tenant_day AS d
                     WHERE d.tenant_id = t.id AND slot > \(slot) - \(raw: "\(DayUse.slots)") ORDER BY slot),
               ARRAY(SELECT recipients FROM tenant_day AS d
                     WHERE d.tenant_id = t.id AND slot > \(slot) - \(raw: "\(DayUse.slots)") ORDER BY slot),
               extract(epoch FROM now())::double precision
        FROM unnest(\(tenants)) AS t (id)
        """
    }

    /// The rooms of the tenants of a flush that have limits.
    static func rooms(for submissions: [Submission], _ rows: Rows?) throws -> [Int32: TenantRoom] {
        guard let rows else { return [:] }
        let limits = Dictionary(submissions.map { ($0.tenantID, $0.limits) }) { first, _ in first }
        return try rooms(rows) { limits[$0] ?? AcceptLimits() }
    }

    static func rooms(_ rows: Rows, limits: (Int32) -> AcceptLimits) throws -> [Int32: TenantRoom] {
        let found = try rows.decode(Int32.self, Int.self, Int.self, [Int32].self, [Int].self, Double.self)
        return Dictionary(
            uniqueKeysWithValues: found.map { tenant, waiting, recent, slots, counts, now in
                let day = DayUse(
                    past: zip(slots, counts).map { (slot: Int($0), recipients: $1) },
                    recent: recent,
                    now: now
                )
                return (tenant, TenantRoom(limits(tenant), waiting: waiting + recent, day: day))
            }
        )
    }

    /// Notes recipients that are accepted, in the transaction of their mail.
    static func note(_ counts: [Int32: Int]) -> [SQL] {
        let counts = counts.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        guard !counts.isEmpty else { return [] }
        return [
            """
            INSERT INTO accept_count (tenant_id, recipients)
            SELECT * FROM unnest(\(counts.map(\.key)), \(counts.map { Int32($0.value) }))
            """
        ]
    }

    /// The quarter of an hour that it is, since 1970.
    static let slot: SQL = "floor(extract(epoch FROM now()) / 900)::integer"
}
