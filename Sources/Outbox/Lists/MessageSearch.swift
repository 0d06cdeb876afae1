import Mail
import Postgres

/// Finds a tenant's messages: by its own index, or by that of an address. Whatever else is asked for is looked at in each candidate.
struct MessageSearch: ListSearch {
    let tenantID: Int32
    let filter: MessageFilter
    let isAscending: Bool

    func find(_ range: IDRange, limit: Int, bound: Int) -> SQL {
        let head: SQL = filter.status == nil ? "" : "WITH \(RowStatus.claimed)"
        return """
            \(head)
            SELECT m.id FROM \(candidates(range, bound: bound)) \(statuses(range))
            WHERE m.is_first AND m.before < \(Int64(bound)) \(conditions)
            ORDER BY m.place \(order) LIMIT \(Int64(limit))
            """
    }

    func looked(_ range: IDRange, bound: Int) -> SQL {
        """
        SELECT coalesce(sum(m.cost), 0)::bigint, (array_agg(m.id))[count(*)::integer]
        FROM (SELECT m.id, m.cost FROM \(candidates(range, bound: bound))
              WHERE m.before < \(Int64(bound)) ORDER BY m.place \(order)) AS m
        """
    }

    /// With what each costs to look at, and what those before it did: a message may have very many recipients, and its status is
    /// that of all of them.
    private func candidates(_ range: IDRange, bound: Int) -> SQL {
        """
        (SELECT w.*, sum(w.cost) OVER (ORDER BY w.place \(order) ROWS UNBOUNDED PRECEDING) - w.cost AS before
         FROM (\(source(range, bound))) AS w) AS m
        """
    }

    private func source(_ range: IDRange, _ bound: Int) -> SQL {
        if let address = filter.to {
            return messages(
                of: """
                    SELECT id FROM outbox
                    WHERE tenant_id = \(tenantID) AND address_hash = hashtext(\(address))
                      AND lower(email) = \(address) AND id >= \(range.low) AND id < \(range.high)
                    ORDER BY id \(order) LIMIT \(Int64(bound))
                    """,
                range
            )
        }
        if case .all(let status)? = filter.status, TroubleIndex.holds(status) {
            return messages(
                of: TroubleIndex.rows(status, tenantID: tenantID, in: range, order: order, bound: bound),
                range
            )
        }
        return """
            SELECT id, id AS place, true AS is_first, region, sender, tags, \(cost) AS cost FROM message
            WHERE tenant_id = \(tenantID) AND id >= \(range.low) AND id < \(range.high)
            ORDER BY id \(order) LIMIT \(Int64(bound))
            """
    }

    /// The messages of some rows, in the rows' order, each with its first row and at no cost with others of it but that of the look.
    private func messages(of rows: SQL, _ range: IDRange) -> SQL {
        """
        SELECT r.id, r.place, r.is_first, m.region, m.sender, m.tags, CASE WHEN r.is_first THEN \(cost) ELSE 1 END AS cost
        FROM (
            SELECT message_of(r.id) AS id, r.id AS place,
                   lag(message_of(r.id)) OVER (ORDER BY r.id \(order)) IS DISTINCT FROM message_of(r.id) AS is_first
            FROM (\(rows)) AS r
        ) AS r CROSS JOIN LATERAL (
            SELECT region, sender, tags, recipients FROM message
            WHERE id = r.id AND id >= \(range.low) AND id < \(range.high) AND tenant_id = \(tenantID) OFFSET 0
        ) AS m
        """
    }

    private var cost: SQL { filter.status == nil ? "1" : "recipients" }

    /// The least and the highest status of each message's rows; nothing where none is asked for.
    private func statuses(_ range: IDRange) -> SQL {
        guard filter.status != nil else { return "" }
        return """
            CROSS JOIN LATERAL (
                SELECT min(o.status) AS least, max(o.status) AS most FROM (
                    SELECT \(RowStatus.now(message: "m.id")) AS status FROM outbox AS o
                    WHERE \(RowStatus.rows(of: "m.id", in: range, tenantID: tenantID)) OFFSET 0
                ) AS o
            ) AS s
            """
    }

    private var conditions: SQL {
        var conditions: SQL = ""
        switch filter.status {
        case .all(let status)?: conditions += "AND s.least = \(status.rank) AND s.most = \(status.rank)"
        case .mixed?: conditions += "AND s.least <> s.most"
        case nil: break
        }
        if let region = filter.region { conditions += " AND m.region = \(region)" }
        if let tag = filter.tag {
            if let value = tag.value {
                conditions += " AND m.tags ->> \(tag.name) = \(value)"
            } else {
                conditions += " AND jsonb_exists(m.tags, \(tag.name))"
            }
        }
        // The header ends with the address, in brackets where a name is before it.
        switch filter.from {
        case .address(let address)?:
            let most = Int32(address.utf8.count + 1)
            conditions += " AND right(rtrim(lower(m.sender), '>'), \(most)) IN (\(address), \("<" + address))"
        case .domain(let domain)?:
            let most = Int32(domain.utf8.count + 1)
            conditions += " AND right(rtrim(lower(m.sender), '>'), \(most)) = \("@" + domain)"
        case nil: break
        }
        return conditions
    }
}
