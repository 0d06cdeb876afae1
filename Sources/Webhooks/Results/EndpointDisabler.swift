import Outbox
import Postgres

/// Disables an endpoint: nothing is sent to it or queued for it until its tenant enables it again. The tenant is told by the
/// feed, and by other endpoints.
struct EndpointDisabler: Sendable {
    enum Reason: String, CaseIterable, Sendable {
        /// It answered 410.
        case gone
        /// It failed for days.
        case failing
    }

    struct Disabled: Sendable {
        let endpoint: String
        let tenantID: Int32
        let reason: Reason
    }

    static let notice = "webhook.disabled"

    let notices: NoticeStore

    /// Nil when it is disabled or gone already.
    func disable(
        _ endpoint: PostgresUUID,
        reason: Reason,
        on connection: PostgresConnection
    ) async throws -> Disabled? {
        let rows = try await connection.query(
            """
            UPDATE webhook_endpoint AS e SET status = 'disabled', disabled_reason = \(reason.rawValue),
                disabled_at = clock_timestamp(), version = version + 1
            WHERE e.id = \(endpoint) AND e.status = 'active'
            RETURNING e.id::text, e.tenant_id
            """
        )
        guard let (id, tenantID) = try rows.decode(String.self, Int32.self).first else { return nil }
        _ = try await connection.query(QueueSQL.discard(endpoint: endpoint))
        let told = try await connection.query(
            """
            SELECT jsonb_build_object(
                'endpoint_id', e.id, 'host', substring(e.url FROM '^[a-z]+://([^/?#]*)'), 'reason', e.disabled_reason,
                'disabled_at', to_char(e.disabled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'missed_since', to_char(\(QueueSQL.missedSince) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
            FROM webhook_endpoint AS e WHERE e.id = \(endpoint)
            """
        )
        guard let data = try told.decode(String.self).first else { return nil }
        try await notices.publish(type: Self.notice, data: data, tenantID: tenantID, on: connection)
        _ = try await connection.query(
            """
            INSERT INTO audit (actor, action, object, detail)
            VALUES ('webhooks', \(Self.notice), \(id), jsonb_build_object('change', \(reason.rawValue)::text))
            """
        )
        return Disabled(endpoint: id, tenantID: tenantID, reason: reason)
    }
}
