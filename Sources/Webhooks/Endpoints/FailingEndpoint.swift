public import Foundation
public import Postgres

/// An endpoint that takes nothing just now, for operators: whose it is, where it is, and since when. Never its path, which may
/// hold a secret.
public struct FailingEndpoint: Sendable, Equatable {
    public let id: UUID
    public let tenant: String
    public let host: String
    /// Why it was disabled, `gone` or `failing`; nil: it is still tried.
    public let disabledReason: String?
    public let since: Date?
    /// In a row.
    public let failures: Int

    public init(id: UUID, tenant: String, host: String, disabledReason: String?, since: Date?, failures: Int) {
        self.id = id
        self.tenant = tenant
        self.host = host
        self.disabledReason = disabledReason
        self.since = since
        self.failures = failures
    }

    /// Those that fail and those that were disabled for it, the longest failing first.
    public static func all(_ pool: PostgresPool, limit: Int = 100) async throws -> [FailingEndpoint] {
        try await pool.query(
            """
            SELECT webhook_endpoint.id, tenant.name, url, disabled_reason, coalesce(failing_since, disabled_at), failures
            FROM webhook_endpoint JOIN tenant ON tenant.id = webhook_endpoint.tenant_id
            WHERE failing_since IS NOT NULL OR disabled_reason IN ('gone', 'failing')
            ORDER BY coalesce(failing_since, disabled_at), webhook_endpoint.id LIMIT \(Int64(limit))
            """
        ).decode(UUID.self, String.self, String.self, String?.self, Date?.self, Int.self).map {
            FailingEndpoint(
                id: $0.0,
                tenant: $0.1,
                host: URL(string: $0.2)?.host() ?? "?",
                disabledReason: $0.3,
                since: $0.4,
                failures: $0.5
            )
        }
    }
}
