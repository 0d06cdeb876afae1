import Capacity
import Mail
public import Postgres

/// Changes the directory. Every change is one transaction, serialised with all others, audited, and visible to every
/// node by the raised version.
public struct DirectoryStore: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Writes the accounts and tenants of a document; what it does not name is left alone.
    ///
    /// - Parameter dryRun: only plans.
    /// - Throws: `DirectoryError.invalid` when the document contradicts itself or the directory.
    public func apply(_ document: DirectoryDocument, dryRun: Bool = false, actor: String) async throws -> DirectoryPlan
    {
        try await pool.withTransaction { connection in
            _ = try await connection.query("SELECT version FROM directory_version FOR UPDATE")
            let plan = try DirectoryPlan(document, over: try await DirectoryLoader.load(connection))
            guard plan.isEffective, !dryRun else { return plan }
            for account in plan.accounts { try await write(account, on: connection) }
            for tenant in plan.tenants { try await write(tenant, on: connection) }
            try await makeLanes(on: connection)
            try await DirectoryChangeLog.record(
                plan.changes.filter { $0.action != "leave" }
                    .map { .init(action: $0.action, object: $0.object, detail: $0.detail) },
                actor: actor,
                on: connection
            )
            return plan
        }
    }

    private func write(_ account: AccountDocument, on connection: PostgresConnection) async throws {
        var rate: Double?
        var daily: Int64?
        if case .fixed(let fixedRate, let fixedDaily) = account.quota { (rate, daily) = (fixedRate, fixedDaily) }
        var profile: String?
        var role: String?
        switch account.credentials {
        case .profile(let name): profile = name
        case .role(let arn): role = arn
        case nil: break
        }
        let id = try await connection.query(
            """
            INSERT INTO account (name, aws_region, endpoint, quota_rate, quota_daily, credit_window, configuration_set,
                                 credentials, sns_topics, sqs_queue_url)
            VALUES (\(account.name), \(account.awsRegion), \(account.endpoint), \(rate), \(daily),
                    \(account.window.rawValue), \(account.configurationSet),
                    nullif(jsonb_strip_nulls(jsonb_build_object('profile', \(profile), 'role_arn', \(role))), '{}'),
                    \(account.snsTopics), \(account.sqsQueueURL))
            ON CONFLICT (name) DO UPDATE SET
                aws_region = excluded.aws_region, endpoint = excluded.endpoint, quota_rate = excluded.quota_rate,
                quota_daily = excluded.quota_daily, credit_window = excluded.credit_window,
                configuration_set = excluded.configuration_set, credentials = excluded.credentials,
                sns_topics = excluded.sns_topics, sqs_queue_url = excluded.sqs_queue_url
            RETURNING id
            """
        ).decode(Int32.self).first
        guard let id else { return }
        _ = try await connection.query(
            "INSERT INTO share (account_id, path) VALUES (\(id), '') ON CONFLICT (account_id, path) DO NOTHING"
        )
        for (position, row) in ShareRow.flatten(account.shares).enumerated() {
            try await write(row, position: position, account: id, on: connection)
        }
    }

    private func write(_ row: ShareRow, position: Int, account: Int32, on connection: PostgresConnection) async throws {
        var ceiling: Int?
        if case .credits(let credits) = row.share.ceiling { ceiling = credits }
        _ = try await connection.query(
            """
            INSERT INTO share (account_id, path, rate, ceiling, ceiling_parent, weight, lend, position)
            VALUES (\(account), \(row.path), \(Int32(row.share.rate)), \(ceiling.map { Int32($0) }),
                    \(row.share.ceiling == .parent), \(Int32(row.share.weight)), \(row.share.lend), \(Int32(position)))
            ON CONFLICT (account_id, path) DO UPDATE SET
                rate = excluded.rate, ceiling = excluded.ceiling, ceiling_parent = excluded.ceiling_parent,
                weight = excluded.weight, lend = excluded.lend, position = excluded.position
            """
        )
    }

    private func write(_ tenant: TenantDocument, on connection: PostgresConnection) async throws {
        let id = try await connection.query(
            """
            INSERT INTO tenant (name, display_name, from_domains, default_region, unknown_policy, status)
            VALUES (\(tenant.name), \(tenant.displayName), \(tenant.fromDomains), \(tenant.defaultRegion),
                    \(tenant.unknownPolicy.rawValue), \(tenant.status.rawValue))
            ON CONFLICT (name) DO UPDATE SET
                display_name = excluded.display_name, from_domains = excluded.from_domains,
                default_region = excluded.default_region, unknown_policy = excluded.unknown_policy,
                status = excluded.status
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

    /// Makes the lanes that routes lead to. Lanes that none leads to any more stay: rows may wait in them.
    private func makeLanes(on connection: PostgresConnection) async throws {
        let routes = try await connection.query(
            """
            SELECT route.tenant_id, tenant.name, share.account_id, share.path
            FROM route JOIN tenant ON tenant.id = route.tenant_id JOIN share ON share.id = route.share_id
            """
        ).decode(Int32.self, String.self, Int32.self, String.self)
        let shares = try await connection.query("SELECT account_id, path, id FROM share")
            .decode(Int32.self, String.self, Int32.self)
        for (tenant, name, account, path) in routes {
            let own = Dictionary(uniqueKeysWithValues: shares.filter { $0.0 == account }.map { ($0.1, $0.2) })
            for stream in StreamName.all {
                let destination = SharePath.destination(of: path, tenant: name, stream: stream, in: own)
                guard let share = own[destination] else { continue }
                _ = try await connection.query(
                    """
                    INSERT INTO lane (share_id, tenant_id, stream) VALUES (\(share), \(tenant), \(stream))
                    ON CONFLICT (share_id, tenant_id, stream) WHERE NOT retired DO NOTHING
                    """
                )
            }
        }
    }
}
