/// The rights and settings with which a transaction works, from its first statement to its end.
///
/// The roles and what each may do are made by `sql/0021_walls.sql`.
public struct TransactionScope: Sendable {
    private let role: String
    private let tenantID: Int32?

    /// What one tenant may see and change: of other tenants' rows the server shows none, whatever a statement says.
    public static func tenant(_ id: Int32) -> TransactionScope {
        TransactionScope(role: "sluice_tenant", tenantID: id)
    }

    /// Putting mail of any tenant into the outbox, and looking up idempotency keys and suppressions.
    public static let accepting = TransactionScope(role: "sluice_accept", tenantID: nil)

    /// For the beginning of a pipeline. It only reads, and what it sets ends with the transaction.
    var statement: SQL {
        guard let tenantID else { return "SELECT set_config('role', \(role), true)" }
        return "SELECT set_config('role', \(role), true), set_config('sluice.tenant', \("\(tenantID)"), true)"
    }

    /// For the same message as a `BEGIN`.
    var script: String {
        let role = "SET LOCAL ROLE \(role)"
        return tenantID.map { "\(role); SET LOCAL sluice.tenant = '\($0)'" } ?? role
    }
}
