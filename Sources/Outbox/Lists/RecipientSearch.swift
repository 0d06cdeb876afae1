import Mail
import Postgres

/// Finds recipients of a tenant's mail: whatever went wrong by the index of such events, what is being sent by the claims, and else
/// message by message.
struct RecipientSearch: ListSearch {
    let tenantID: Int32
    let filter: RecipientFilter
    let isAscending: Bool

    private enum Source { case trouble(MessageStatus), claims, messages }

    private var source: Source {
        switch filter.status {
        case .sending?: .claims
        case let status? where TroubleIndex.holds(status): .trouble(status)
        default: .messages
        }
    }

    func find(_ range: IDRange, limit: Int, bound: Int) -> SQL {
        let most = Int64(limit)
        switch source {
        case .trouble(let status):
            let row = row("o.id = c.id AND o.status = \(status.rank)", range)
            return """
                SELECT c.id FROM (
                    SELECT DISTINCT e.id FROM \(events(status, range, bound)) ORDER BY e.id \(order)
                ) AS c CROSS JOIN LATERAL (\(row) OFFSET 0) AS o \(region(of: "message_of(c.id)", range))
                ORDER BY c.id \(order) LIMIT \(most)
                """
        case .claims:
            let row = row(
                """
                o.id >= entry.id AND o.id <= last_of(entry.id) AND o.status <= \(MessageStatus.queued.rank)
                AND claim.id IS DISTINCT FROM o.claim_id
                """,
                range
            )
            return """
                SELECT DISTINCT o.id FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
                CROSS JOIN LATERAL (\(row) OFFSET 0) AS o \(region(of: "message_of(o.id)", range))
                ORDER BY o.id \(order) LIMIT \(most)
                """
        case .messages:
            let status: SQL = filter.status.map { " AND \(RowStatus.now(message: "m.id")) = \($0.rank)" } ?? ""
            let rows = row("\(RowStatus.rows(of: "m.id", in: range, tenantID: tenantID)) \(status)", range)
            let region: SQL = filter.region.map { "AND m.region = \($0)" } ?? ""
            return """
                WITH \(RowStatus.claimed)
                SELECT o.id FROM \(messages(range, bound))
                CROSS JOIN LATERAL (\(rows) ORDER BY o.id \(order) LIMIT \(most)) AS o
                WHERE m.before < \(Int64(bound)) \(region) ORDER BY m.id \(order), o.id \(order) LIMIT \(most)
                """
        }
    }

    func looked(_ range: IDRange, bound: Int) -> SQL {
        switch source {
        case .trouble(let status):
            "SELECT count(*), (array_agg(e.id))[count(*)::integer] FROM \(events(status, range, bound))"
        // All of them, whose number the credits bound.
        case .claims: "SELECT 0::bigint, NULL::uuid"
        case .messages:
            """
            SELECT coalesce(sum(m.cost), 0)::bigint, (array_agg(m.id))[count(*)::integer]
            FROM (SELECT m.id, m.cost FROM \(messages(range, bound))
                  WHERE m.before < \(Int64(bound)) ORDER BY m.id \(order)) AS m
            """
        }
    }

    private func events(_ status: MessageStatus, _ range: IDRange, _ bound: Int) -> SQL {
        "(\(TroubleIndex.rows(status, tenantID: tenantID, in: range, order: order, bound: bound))) AS e"
    }

    /// With the recipients that each has, and those before it had. The range may begin or end in the middle of a message; one whose
    /// first row is behind its end is none of it.
    private func messages(_ range: IDRange, _ bound: Int) -> SQL {
        """
        (SELECT w.*, sum(w.cost) OVER (ORDER BY w.id \(order) ROWS UNBOUNDED PRECEDING) - w.cost AS before FROM (
            SELECT id, region, recipients AS cost FROM message
            WHERE tenant_id = \(tenantID) AND id >= \(range.low.message) AND id < \(range.high.previous)
            ORDER BY id \(order) LIMIT \(Int64(bound))
         ) AS w) AS m
        """
    }

    private func row(_ condition: SQL, _ range: IDRange) -> SQL {
        var row: SQL = """
            SELECT o.id FROM outbox AS o
            WHERE o.id >= \(range.low) AND o.id < \(range.high) AND o.tenant_id = \(tenantID) AND \(condition)
            """
        if let domain = filter.domain {
            row += " AND right(lower(o.email), \(Int32(domain.utf8.count + 1))) = \("@" + domain)"
        }
        return row
    }

    private func region(of message: SQL, _ range: IDRange) -> SQL {
        guard let region = filter.region else { return "" }
        return """
            CROSS JOIN LATERAL (
                SELECT FROM message
                WHERE id = \(message) AND id >= \(range.low.message) AND id < \(range.high) AND tenant_id = \(tenantID)
                  AND region = \(region) OFFSET 0
            ) AS m
            """
    }
}

extension PostgresUUID {
    /// The id of the message whose row this is.
    var message: PostgresUUID { PostgresUUID(high: high, low: low & ~0xFFFF) }

    /// The one in front of it.
    fileprivate var previous: PostgresUUID {
        low == 0 ? PostgresUUID(high: high &- 1, low: .max) : PostgresUUID(high: high, low: low - 1)
    }
}
