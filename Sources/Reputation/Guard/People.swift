import Directory
import Foundation
import Postgres

/// The accounts and tenants that rows are about, as far as they are still there.
struct People: Sendable {
    struct Account: Sendable {
        let name: String
        let thresholds: ReputationThresholds
    }

    private(set) var accounts: [Int32: Account] = [:]
    /// Their names.
    private(set) var tenants: [Int32: String] = [:]

    init(of keys: some Collection<StandingRow.Key>, on connection: PostgresConnection) async throws {
        let accountIDs = Set(keys.map(\.accountID)).sorted()
        let tenantIDs = Set(keys.map(\.tenantID)).sorted()
        let known = try await connection.query(
            "SELECT id, name, reputation::text FROM account WHERE id = ANY (\(accountIDs))"
        ).decode(Int32.self, String.self, String?.self)
        for (id, name, text) in known {
            let thresholds = try text.map { try JSONDecoder().decode(ReputationThresholds.self, from: Data($0.utf8)) }
            accounts[id] = Account(name: name, thresholds: thresholds ?? ReputationThresholds())
        }
        let names = try await connection.query("SELECT id, name FROM tenant WHERE id = ANY (\(tenantIDs))")
            .decode(Int32.self, String.self)
        for (id, name) in names { tenants[id] = name }
    }

    func knows(_ key: StandingRow.Key) -> Bool {
        accounts[key.accountID] != nil && (key.tenantID == StandingRow.Key.everybody || tenants[key.tenantID] != nil)
    }
}
