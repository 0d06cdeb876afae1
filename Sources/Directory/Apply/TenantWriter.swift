import Postgres

/// The statements that write a tenant and its routes.
enum TenantWriter {
    /// Raises the tenant's version.
    static func write(_ tenant: TenantDocument, on connection: PostgresConnection) async throws {
        let limits = tenant.limits
        let id = try await connection.query(
            """
            INSERT INTO tenant (name, display_name, from_domains, default_region, limits, unknown_policy, status,
                                shared_domains, senders, one_click_unsubscribe, report)
            VALUES (\(tenant.name), \(tenant.displayName), \(tenant.fromDomains), \(tenant.defaultRegion),
                    jsonb_strip_nulls(jsonb_build_object('api_rate', \(limits.apiRate)::bigint,
                        'queued', \(limits.queued)::bigint, 'daily', \(limits.daily)::bigint)),
                    \(tenant.unknownPolicy.rawValue), \(tenant.status.rawValue),
                    \(tenant.sharedDomains), \(JSONBText(SenderRules(tenant.senders).json)), \(tenant.oneClickUnsubscribe),
                    \(tenant.report?.json)::text::jsonb)
            ON CONFLICT (name) DO UPDATE SET
                display_name = excluded.display_name, from_domains = excluded.from_domains,
                default_region = excluded.default_region, limits = excluded.limits,
                unknown_policy = excluded.unknown_policy, status = excluded.status,
                shared_domains = excluded.shared_domains, senders = excluded.senders,
                one_click_unsubscribe = excluded.one_click_unsubscribe, report = excluded.report,
                version = tenant.version + 1
            RETURNING id
            """
        ).decode(Int32.self).first
        guard let id else { return }
        _ = try await connection.query(
            "DELETE FROM route WHERE tenant_id = \(id) AND region <> ALL (\(Array(tenant.regions.keys)))"
        )
        for (region, path) in tenant.regions.sorted(by: { $0.key < $1.key }) {
            let account = path.split(separator: "/", maxSplits: 1)
            _ = try await connection.query(
                """
                INSERT INTO route (tenant_id, region, share_id)
                SELECT \(id), \(region), share.id FROM share JOIN account ON account.id = share.account_id
                WHERE account.name = \(String(account[0])) AND share.path = \(account.count > 1 ? String(account[1]) : "")
                ON CONFLICT (tenant_id, region) DO UPDATE SET share_id = excluded.share_id
                """
            )
        }
    }
}
