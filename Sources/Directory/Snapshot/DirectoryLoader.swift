import Capacity
import Foundation
public import Postgres

/// Reads the directory's tables into a snapshot. All statements of one load see the same state.
public struct DirectoryLoader: Sendable {
    /// The version that a reload is needed for.
    public static func version(_ connection: PostgresConnection) async throws -> Int64 {
        try await connection.query("SELECT version FROM directory_version").decode(Int64.self).first ?? 0
    }

    public static func load(_ pool: PostgresPool) async throws -> DirectorySnapshot {
        try await pool.withTransaction(isolation: .repeatableRead) { try await load($0) }
    }

    /// Loads inside the caller's transaction.
    static func load(_ connection: PostgresConnection) async throws -> DirectorySnapshot {
        let version = try await version(connection)
        let shares = try await shares(connection)
        let accounts = try await accounts(connection, shares: shares)
        let tenantRows = try await tenants(connection)
        let restrictions = try await Restrictions.load(connection)
        let lanes = restrictions.apply(
            to: try await lanes(connection, shares: shares, accounts: accounts, tenants: tenantRows),
            of: accounts
        )
        let routes = try await routes(connection, shares: shares, accounts: accounts, tenants: tenantRows, lanes: lanes)
        let linkless = try await linkless(connection)
        let tenants = tenantRows.map { row in
            var tenant = Tenant(
                id: row.id,
                name: row.document.name,
                displayName: row.document.displayName,
                fromDomains: row.document.fromDomains,
                defaultRegion: row.document.defaultRegion ?? "",
                unknownPolicy: row.document.unknownPolicy,
                status: row.document.status,
                routes: restrictions.apply(to: routes[row.id] ?? [:], tenantID: row.id)
            )
            tenant.oneClickUnsubscribe = !linkless.contains(row.id)
            return tenant
        }
        var snapshot = DirectorySnapshot(
            version: version,
            accounts: accounts,
            tenants: tenants,
            lanes: lanes,
            keys: try await keys(connection)
        )
        snapshot.unsubscribeKey = try await connection.query("SELECT secret FROM unsubscribe_key").decode([UInt8].self)
            .first
            .map(UnsubscribeKey.init)
        return snapshot
    }

    /// Tenants whose bulk mail has no unsubscribe link.
    private static func linkless(_ connection: PostgresConnection) async throws -> Set<Int32> {
        Set(try await connection.query("SELECT id FROM tenant WHERE NOT one_click_unsubscribe").decode(Int32.self))
    }

    private struct TenantRow {
        let id: Int32
        let document: TenantDocument
    }

    private static func shares(_ connection: PostgresConnection) async throws -> [StoredShare] {
        try await connection.query(
            """
            SELECT id, account_id, path, rate, ceiling, ceiling_parent, weight, lend
            FROM share ORDER BY account_id, position, path
            """
        ).decode(Int32.self, Int32.self, String.self, Int?.self, Int?.self, Bool.self, Int.self, Bool.self).map { row in
            StoredShare(
                id: row.0,
                accountID: row.1,
                path: row.2,
                rate: row.3 ?? 0,
                ceiling: row.5 ? .parent : row.4.map(Share.Ceiling.credits) ?? .rate,
                weight: row.6,
                lend: row.7
            )
        }
    }

    private static func accounts(
        _ connection: PostgresConnection,
        shares: [StoredShare]
    ) async throws -> [Account] {
        let sharesByAccount = Dictionary(grouping: shares, by: \.accountID)
        return try await connection.query(
            """
            SELECT id, name, aws_region, endpoint, quota_rate, quota_daily, credit_window, configuration_set,
                   credentials->>'profile', credentials->>'role_arn', sns_topics, sqs_queue_url, paused,
                   version, quota_even_out, mirror_suppressions, reputation::text AS reputation
            FROM account ORDER BY name
            """
        ).map { row in
            let id = try row["id", as: Int32.self]
            let own = sharesByAccount[id] ?? []
            let profile = try row[8, as: String?.self]
            let role = try row[9, as: String?.self]
            return Account(
                id: id,
                name: try row["name", as: String.self],
                version: try row["version", as: Int64.self],
                awsRegion: try row["aws_region", as: String.self],
                endpoint: try row["endpoint", as: String?.self],
                quota: try row["quota_rate", as: Double?.self].map {
                    .fixed(
                        rate: $0,
                        daily: try row["quota_daily", as: Int64?.self] ?? -1,
                        evenOut: try row["quota_even_out", as: Bool.self]
                    )
                } ?? .auto,
                window: AccountDocument.Window(rawValue: try row["credit_window", as: String.self]) ?? .response,
                configurationSet: try row["configuration_set", as: String?.self],
                credentials: profile.map(AccountDocument.Credentials.profile)
                    ?? role.map(AccountDocument.Credentials.role),
                snsTopics: try row["sns_topics", as: [String].self],
                sqsQueueURL: try row["sqs_queue_url", as: String?.self],
                mirrorsSuppressions: try row["mirror_suppressions", as: Bool.self],
                reputation: try row["reputation", as: String?.self].map {
                    try JSONDecoder().decode(ReputationThresholds.self, from: Data($0.utf8))
                } ?? ReputationThresholds(),
                isPaused: try row["paused", as: Bool.self],
                shares: StoredShare.nested(own),
                shareIDs: Dictionary(uniqueKeysWithValues: own.map { ($0.path, $0.id) })
            )
        }
    }

    private static func tenants(_ connection: PostgresConnection) async throws -> [TenantRow] {
        try await connection.query(
            "SELECT id, name, display_name, from_domains, default_region, unknown_policy, status FROM tenant ORDER BY name"
        ).decode(Int32.self, String.self, String?.self, [String].self, String?.self, String.self, String.self)
            .map { row in
                TenantRow(
                    id: row.0,
                    document: TenantDocument(
                        name: row.1,
                        displayName: row.2,
                        fromDomains: row.3,
                        defaultRegion: row.4,
                        regions: [:],
                        unknownPolicy: TenantDocument.UnknownPolicy(rawValue: row.5) ?? .resend,
                        status: TenantDocument.Status(rawValue: row.6) ?? .active
                    )
                )
            }
    }

    private static func lanes(
        _ connection: PostgresConnection,
        shares: [StoredShare],
        accounts: [Account],
        tenants: [TenantRow]
    ) async throws -> [Lane] {
        let shareByID = Dictionary(uniqueKeysWithValues: shares.map { ($0.id, $0) })
        let accountNames = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0.name) })
        let tenantNames = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0.document.name) })
        return try await connection.query("SELECT id, share_id, tenant_id, stream, weight, retired FROM lane")
            .decode(Int32.self, Int32.self, Int32.self, String.self, Int.self, Bool.self).compactMap { row in
                guard let share = shareByID[row.1], let account = accountNames[share.accountID] else { return nil }
                let tenant = tenantNames[row.2] ?? "removed tenant \(row.2)"
                return Lane(
                    id: row.0,
                    accountID: share.accountID,
                    shareID: share.id,
                    tenantID: row.2,
                    stream: row.3,
                    weight: row.4,
                    name: [account, share.path, tenant, row.3].filter { !$0.isEmpty }.joined(separator: "/"),
                    isRetired: row.5
                )
            }
    }

    private static func routes(
        _ connection: PostgresConnection,
        shares: [StoredShare],
        accounts: [Account],
        tenants: [TenantRow],
        lanes: [Lane]
    ) async throws -> [Int32: [String: Route]] {
        let shareByID = Dictionary(uniqueKeysWithValues: shares.map { ($0.id, $0) })
        let accountByID = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) })
        let tenantNames = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0.document.name) })
        let laneIDs = Dictionary(
            uniqueKeysWithValues: lanes.filter { !$0.isRetired }.map {
                (LanePlace(share: $0.shareID, tenant: $0.tenantID, stream: $0.stream), $0.id)
            }
        )
        let rates = accountByID.mapValues(\.ownRates)
        var routes: [Int32: [String: Route]] = [:]
        for (tenant, region, shareID) in try await connection.query("SELECT tenant_id, region, share_id FROM route")
            .decode(Int32.self, String.self, Int32.self)
        {
            guard let share = shareByID[shareID], let account = accountByID[share.accountID],
                let name = tenantNames[tenant]
            else { continue }
            var ids: [String: Int32] = [:]
            var rate = Int.max
            for stream in StreamName.all {
                let path = SharePath.destination(of: share.path, tenant: name, stream: stream, in: account.shareIDs)
                guard let place = account.shareIDs[path] else { continue }
                ids[stream] = laneIDs[LanePlace(share: place, tenant: tenant, stream: stream)]
                rate = min(rate, max(1, rates[account.id]?[path] ?? 0))
            }
            routes[tenant, default: [:]][region] = Route(
                path: share.path.isEmpty ? account.name : account.name + "/" + share.path,
                lanes: ids,
                rate: rate
            )
        }
        return routes
    }

    private static func keys(_ connection: PostgresConnection) async throws -> [KeyRecord] {
        try await connection.query("SELECT id, tenant_id, label, hash FROM api_key WHERE revoked_at IS NULL")
            .decode(UUID.self, Int32?.self, String.self, [UInt8].self)
            .map { row in
                KeyRecord(
                    id: row.0,
                    owner: row.1.map(KeyRecord.Owner.tenant) ?? .admin,
                    label: row.2,
                    hash: row.3
                )
            }
    }
}

private struct LanePlace: Hashable {
    let share: Int32
    let tenant: Int32
    let stream: String
}
