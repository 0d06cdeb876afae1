import Foundation
import Postgres

/// The statements on a part of all deliveries, by their keys: of one tenant endpoint by endpoint, else in the order of all.
struct FailureLook {
    let tenantID: Int32?
    let days: Int32
    let after: UUID?
    let before: UUID?
    let isAscending: Bool

    private var order: SQL { isAscending ? "ASC" : "DESC" }

    private var place: SQL {
        var place: SQL = "d.id >= first_id_of((now() AT TIME ZONE 'UTC')::date - \(days))"
        if let after { place += " AND d.id < \(after)" }
        if let before { place += " AND d.id > \(before)" }
        return place
    }

    /// The last of the next `count` deliveries: (uuid). None where there are fewer.
    func edge(_ count: Int) -> SQL {
        let deliveries: SQL = "SELECT d.id FROM webhook_delivery AS d WHERE \(place)"
        guard let tenantID else {
            return "\(deliveries) ORDER BY d.id \(order) LIMIT 1 OFFSET \(Int64(count - 1))"
        }
        return """
            SELECT d.id FROM webhook_endpoint AS e CROSS JOIN LATERAL (
                \(deliveries) AND d.endpoint_id = e.id ORDER BY d.id \(order) LIMIT \(Int64(count))
            ) AS d
            WHERE e.tenant_id = \(tenantID) ORDER BY d.id \(order) LIMIT 1 OFFSET \(Int64(count - 1))
            """
    }

    /// Those up to there that have failed or were discarded.
    func failures(upTo edge: UUID?, limit: Int) -> SQL {
        var place = place
        if let edge { place += isAscending ? " AND d.id <= \(edge)" : " AND d.id >= \(edge)" }
        if let tenantID {
            // By the index of endpoints and not by that of all.
            place += " AND d.endpoint_id = ANY (ARRAY(SELECT id FROM webhook_endpoint WHERE tenant_id = \(tenantID)))"
        }
        return """
            SELECT e.id, tenant.name, e.url, f.id, f.event_id, f.type, message_of(f.outbox_id)::text, f.replay, f.status,
                   f.attempts::text
            FROM (
                SELECT * FROM webhook_delivery AS d
                WHERE \(place) AND d.status IN (\(DeliveryStatus.failed.rawValue), \(DeliveryStatus.discarded.rawValue))
                OFFSET 0
            ) AS f JOIN webhook_endpoint AS e ON e.id = f.endpoint_id JOIN tenant ON tenant.id = e.tenant_id
            ORDER BY f.id \(order) LIMIT \(Int64(limit))
            """
    }
}
