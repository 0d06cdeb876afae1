import Directory
import Foundation
import Postgres

/// A row of `reputation`: the counts of a tenant's mail through an account, and its standing there.
struct StandingRow: Sendable {
    /// Whose mail is counted.
    struct Key: Hashable, Comparable, Sendable {
        /// Everybody's mail through the account.
        static let everybody: Int32 = 0

        let accountID: Int32
        let tenantID: Int32

        static func < (left: Key, right: Key) -> Bool {
            (left.accountID, left.tenantID) < (right.accountID, right.tenantID)
        }
    }

    let key: Key
    var tally = MailTally()
    var state = StandingState.ok
    var reason: String?
    /// Seconds since 1970.
    var since: Int64

    static let columns: SQL = """
        reputation.account_id, reputation.tenant_id, reputation.tally::text, reputation.state, reputation.reason,
        extract(epoch FROM reputation.since)::bigint
        """

    init(key: Key, since: Int64) {
        self.key = key
        self.since = since
    }

    /// Reads `columns`.
    init(_ row: Row) throws {
        key = Key(accountID: try row[0, as: Int32.self], tenantID: try row[1, as: Int32.self])
        tally = try JSONDecoder().decode(MailTally.self, from: Data(try row[2, as: String.self].utf8))
        state = StandingState(rawValue: try row[3, as: String.self]) ?? .ok
        reason = try row[4, as: String?.self]
        since = try row[5, as: Int64.self]
    }

    /// Mends what a clock has dated that was ahead and has been set back.
    mutating func redate(now: Int64) {
        tally.redate(now: now)
        since = min(since, now)
    }

    /// Writes rows, in the order of their keys. Accounts that are gone meanwhile are passed over.
    static func write(_ rows: [StandingRow]) throws -> SQL {
        let rows = rows.sorted { $0.key < $1.key }
        let encoder = JSONEncoder()
        let tallies = try rows.map { String(decoding: try encoder.encode($0.tally), as: UTF8.self) }
        return """
            INSERT INTO reputation (account_id, tenant_id, tally, state, reason, since)
            SELECT r.account_id, r.tenant_id, r.tally::jsonb, r.state, r.reason, to_timestamp(r.since)
            FROM unnest(\(rows.map(\.key.accountID)), \(rows.map(\.key.tenantID)), \(tallies),
                        \(rows.map(\.state.rawValue)), \(rows.map(\.reason)), \(rows.map(\.since)))
                AS r (account_id, tenant_id, tally, state, reason, since)
            WHERE EXISTS (SELECT FROM account WHERE account.id = r.account_id)
            ORDER BY r.account_id, r.tenant_id
            ON CONFLICT (account_id, tenant_id) DO UPDATE SET
                tally = excluded.tally, state = excluded.state, reason = excluded.reason, since = excluded.since
            """
    }
}
