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
            WHERE m.before < \(Int64(bound)) \(conditions) ORDER BY m.id \(order) LIMIT \(Int64(limit))
            """
    }

    func looked(_ range: IDRange, bound: Int) -> SQL {
        """
        SELECT coalesce(sum(m.cost), 0)::bigint, (array_agg(m.id))[count(*)::integer]
        FROM (SELECT m.id, m.cost FROM \(candidates(range, bound: bound))
              WHERE m.before < \(Int64(bound)) ORDER BY m.id \(order)) AS m
        """
    }

    /// With what each costs to look at, and what those before it did: a message may have very many recipients, and its status is
    /// that of all of them.
    private func candidates(_ range: IDRange, bound: Int) -> SQL {
        let source: SQL = filter.to.map { addressed(to: $0, range, bound) } ?? all(range, bound)
        return """
            (SELECT w.*, sum(w.cost) OVER (ORDER BY w.id \(order) ROWS UNBOUNDED PRECEDING) - w.cost AS before
             FROM (\(source)) AS w) AS m
            """
    }

    private func all(_ range: IDRange, _ bound: Int) -> SQL {
        let cost: SQL = filter.status == nil ? "1" : "recipients"
        return """
            SELECT id, region, sender, tags, \(cost) AS cost FROM message
            WHERE tenant_id = \(tenantID) AND id >= \(range.low) AND id < \(range.high)
            ORDER BY id \(order) LIMIT \(Int64(bound))
            """
    }

    /// Each costs what the index has led to at least, so that the costs say whether the limit has ended it.
    private func addressed(to address: String, _ range: IDRange, _ bound: Int) -> SQL {
        let cost: SQL = filter.status == nil ? "a.rows" : "greatest(a.rows, m.recipients)"
        return """
            SELECT a.id, m.region, m.sender, m.tags, \(cost) AS cost FROM (
                SELECT message_of(o.id) AS id, count(*) AS rows FROM (
                    SELECT id FROM outbox
                    WHERE tenant_id = \(tenantID) AND hashtext(lower(email)) = hashtext(\(address))
                      AND lower(email) = \(address) AND id >= \(range.low) AND id < \(range.high)
                    ORDER BY id \(order) LIMIT \(Int64(bound))
                ) AS o GROUP BY 1
            ) AS a CROSS JOIN LATERAL (
                SELECT region, sender, tags, recipients FROM message
                WHERE id = a.id AND id >= \(range.low) AND id < \(range.high) AND tenant_id = \(tenantID) OFFSET 0
            ) AS m ORDER BY a.id \(order)
            """
    }

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
