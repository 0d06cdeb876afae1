import Directory
import Foundation
public import Postgres

/// Reads standings: a tenant's own, and for the operator everybody's.
public struct StandingReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// A tenant's standing at each account that its mail goes through, by the accounts' names. Of others nothing is told.
    public func standings(tenantID: Int32) async throws -> [Standing] {
        let rows = try await pool.scoped(to: .tenant(tenantID)).query(
            """
            SELECT account.name, tenant.name, \(Self.columns)
            FROM (SELECT DISTINCT share.account_id FROM lane JOIN share ON share.id = lane.share_id
                  WHERE lane.tenant_id = \(tenantID)) AS own
            JOIN account ON account.id = own.account_id JOIN tenant ON tenant.id = \(tenantID)
            LEFT JOIN reputation ON reputation.account_id = account.id AND reputation.tenant_id = tenant.id
            ORDER BY account.name
            """
        )
        return try Self.standings(rows)
    }

    /// Every account's standing, and that of every tenant of which something was counted there.
    public func all() async throws -> [Standing] {
        let rows = try await pool.query(
            """
            SELECT account.name, NULL::text, \(Self.columns)
            FROM account
            LEFT JOIN reputation ON reputation.account_id = account.id AND reputation.tenant_id = \(StandingRow.Key.everybody)
            UNION ALL
            SELECT account.name, tenant.name, \(Self.columns)
            FROM reputation JOIN account ON account.id = reputation.account_id
            JOIN tenant ON tenant.id = reputation.tenant_id
            """
        )
        return try Self.standings(rows)
    }

    private static let columns: SQL = """
        account.reputation::text, reputation.tally::text, coalesce(reputation.state, 'ok'), reputation.reason,
        reputation.since, extract(epoch FROM clock_timestamp())::bigint
        """

    private static func standings(_ rows: Rows) throws -> [Standing] {
        let decoder = JSONDecoder()
        return
            try rows.decode(
                String.self,
                String?.self,
                String?.self,
                String?.self,
                String.self,
                String?.self,
                Date?.self,
                Int64.self
            )
            .map { account, tenant, thresholds, tally, state, reason, since, now in
                let tally = try tally.map { try decoder.decode(MailTally.self, from: Data($0.utf8)) } ?? MailTally()
                let windows = CountWindow.allCases.map { ($0, tally.counts($0, now: now)) }
                return Standing(
                    account: account,
                    tenant: tenant,
                    state: StandingState(rawValue: state) ?? .ok,
                    reason: reason,
                    since: since,
                    counts: Dictionary(uniqueKeysWithValues: windows),
                    thresholds: try thresholds.map {
                        try decoder.decode(ReputationThresholds.self, from: Data($0.utf8))
                    } ?? ReputationThresholds()
                )
            }
    }
}
