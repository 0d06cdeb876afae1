import Mail
import Postgres

/// The index of what went wrong. A row has an event in it of each such status that it has ever had.
enum TroubleIndex {
    /// Whether rows of a status are in it.
    static func holds(_ status: MessageStatus) -> Bool {
        status.rank >= MessageStatus.unknown.rank && status != .sent && status != .delivered
    }

    /// The rows that have had a status, in their order, each as often as it has such events: (id).
    static func rows(_ status: MessageStatus, tenantID: Int32, in range: IDRange, order: SQL, bound: Int) -> SQL {
        // The index's own condition is repeated, so that the planner need not conclude it.
        """
        SELECT outbox_id AS id FROM event
        WHERE tenant_id = \(tenantID) AND status = \(status.rank) AND status >= 30 AND status <> 50 AND status <> 80
          AND outbox_id >= \(range.low) AND outbox_id < \(range.high)
        ORDER BY outbox_id \(order) LIMIT \(Int64(bound))
        """
    }
}
