public import Postgres

/// Writes the audit of changes that are not the directory's own: what tenants do to their webhooks and suppressions. To be
/// run in the transaction of the change.
public enum AuditLog {
    /// The statement for a change to something of a tenant's.
    ///
    /// - Parameters:
    ///   - object: what was changed, without its tenant; neither a secret nor an address.
    ///   - detail: in words.
    ///   - before: what it was, as a JSON object, and `after` what it is now; nil: it did not exist, or more is not said.
    public static func entry(
        action: String,
        object: String,
        tenantID: Int32,
        detail: String = "",
        before: String? = nil,
        after: String? = nil,
        actor: String
    ) -> SQL {
        """
        INSERT INTO audit (actor, action, object, detail, before, after, request_id)
        SELECT \(actor), \(action), \(object) || ' of tenant ' || coalesce((SELECT name FROM tenant WHERE id = \(tenantID)), ''),
               jsonb_build_object('change', \(detail)::text), \(before)::text::jsonb, \(after)::text::jsonb,
               \(AuditOrigin.requestID)::text
        """
    }
}
