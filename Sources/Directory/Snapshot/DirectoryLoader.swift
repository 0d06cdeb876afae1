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
        let tenants = tenantRows.map { row in
            var tenant = Tenant(
                id: row.id,
                name: row.document.name,
                version: row.version,
                displayName: row.document.displayName,
                fromDomains: row.document.fromDomains,
                defaultRegion: row.document.defaultRegion ?? "",
                limits: row.document.limits,
                unknownPolicy: row.document.unknownPolicy,
                status: row.document.status,
                routes: restrictions.apply(to: routes[row.id] ?? [:], tenantID: row.id),
                testID: row.testID,
                sharedDomains: row.document.sharedDomains,
                rules: row.rules
            )
            tenant.oneClickUnsubscribe = row.document.oneClickUnsubscribe
            tenant.report = row.document.report
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
            .first.map(UnsubscribeKey.init)
        return snapshot
    }

    private struct TenantRow {
        let id: Int32
        let version: Int64
        let testID: Int32?
        let document: TenantDocument
        let rules: SenderRules
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
            """
            SELECT t.id, t.version, test.id, t.name, t.display_name, t.from_domains, t.default_region, t.unknown_policy, t.status,
                   (t.limits->>'api_rate')::bigint, (t.limits->>'queued')::bigint, (t.limits->>'daily')::bigint,
                   t.shared_domains, t.senders, t.one_click_unsubscribe, t.report::text
            FROM tenant AS t LEFT JOIN tenant AS test ON test.test_of = t.id
            WHERE t.test_of IS NULL ORDER BY t.name
            """
        ).map { row in
            TenantRow(
                id: try row[0, as: Int32.self],
                version: try row[1, as: Int64.self],
                testID: try row[2, as: Int32?.self],
                document: TenantDocument(
                    name: try row[3, as: String.self],
                    displayName: try row[4, as: String?.self],
                    fromDomains: try row[5, as: [String].self],
                    defaultRegion: try row[6, as: String?.self],
                    regions: [:],
                    limits: TenantLimits(
                        apiRate: try row[9, as: Int?.self],
                        queued: try row[10, as: Int?.self],
                        daily: try row[11, as: Int?.self]
                    ),
                    unknownPolicy: TenantDocument.UnknownPolicy(rawValue: try row[7, as: String.self]) ?? .resend,
                    status: TenantDocument.Status(rawValue: try row[8, as: String.self]) ?? .active,
                    sharedDomains: try row[12, as: [String].self],
                    oneClickUnsubscribe: try row[14, as: Bool.self],
                    report: try row[15, as: String?.self].flatMap(ReportSettings.init(stored:))
                ),
                rules: SenderRules(stored: try row[13, as: JSONBText.self].text)
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
        var tenantNames = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0.document.name) })
        for tenant in tenants {
            if let test = tenant.testID { tenantNames[test] = tenant.document.name }
        }
        return try await connection.query("SELECT id, share_id, tenant_id, stream, weight, retired, test FROM lane")
            .decode(Int32.self, Int32.self, Int32.self, String.self, Int.self, Bool.self, Bool.self)
            .compactMap { [tenantNames] row in
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
                    isRetired: row.5,
                    isTest: row.6
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
        let rows = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0) })
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
                let row = rows[tenant]
            else { continue }
            let name = row.document.name
            var ids: [String: Int32] = [:]
            var testIDs: [String: Int32] = [:]
            var rate = Int.max
            for stream in StreamName.all {
                let path = SharePath.destination(of: share.path, tenant: name, stream: stream, in: account.shareIDs)
                guard let place = account.shareIDs[path] else { continue }
                ids[stream] = laneIDs[LanePlace(share: place, tenant: tenant, stream: stream)]
                if let test = row.testID {
                    testIDs[stream] = laneIDs[LanePlace(share: place, tenant: test, stream: stream)]
                }
                rate = min(rate, max(1, rates[account.id]?[path] ?? 0))
            }
            routes[tenant, default: [:]][region] = Route(
                path: share.path.isEmpty ? account.name : account.name + "/" + share.path,
                lanes: ids,
                rate: rate,
                testLanes: testIDs
            )
        }
        return routes
    }

    private static func keys(_ connection: PostgresConnection) async throws -> [KeyRecord] {
        try await connection.query(
            """
            SELECT \(KeyInfo.columns), api_key.tenant_id, api_key.hash, api_key.old_hash, api_key.old_until
            FROM api_key LEFT JOIN tenant ON tenant.id = api_key.tenant_id WHERE api_key.revoked_at IS NULL
            """
        ).map { row in
            let info = try KeyInfo(row)
            let owner = try row[13, as: Int32?.self]
            var old: (hash: [UInt8], until: Date)?
            if let hash = try row[15, as: [UInt8]?.self], let until = try row[16, as: Date?.self] {
                old = (hash, until)
            }
            return KeyRecord(
                id: info.id,
                owner: owner.map(KeyRecord.Owner.tenant) ?? .admin,
                label: info.name,
                grant: info.grant,
                hash: try row[14, as: [UInt8].self],
                old: old
            )
        }
    }
}

private struct LanePlace: Hashable {
    let share: Int32
    let tenant: Int32
    let stream: String
}
