import Directory
import Foundation
public import Postgres
import SES

/// What is known of identities (`identity`), and whose turn it is to ask SES (`identity_turn`). No statement waits for SES or
/// DNS, and none is open while they are asked.
public struct IdentityStore: Sendable {
    /// The least time between two checks that somebody asks for.
    private static let rest = Duration.seconds(10)
    /// Of one tenant's senders so many wait to be looked at because it asked, at most: SES answers one question a second, and
    /// others ask, too.
    private static let mostWaiting: Int64 = 10
    /// Longer than a check takes: if the node that has the turn dies, another one follows.
    private static let turn = Duration.seconds(240)

    let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    // MARK: For those who look

    /// What is known of some of a tenant's own senders; nothing of what is not its own.
    public func identities(of names: [String], tenantID: Int32) async throws -> [IdentityRow] {
        try await pool.query(
            """
            SELECT \(Self.columns) FROM tenant JOIN identity ON identity.name = ANY (tenant.from_domains)
            WHERE tenant.id = \(tenantID) AND identity.name = ANY (\(names)) ORDER BY identity.name, identity.account_id
            """
        ).map(Self.row)
    }

    /// The same of whatever names.
    public func identities(of names: [String]) async throws -> [IdentityRow] {
        try await pool.query(
            """
            SELECT \(Self.columns) FROM identity WHERE name = ANY (\(names)) ORDER BY identity.name, identity.account_id
            """
        ).map(Self.row)
    }

    /// All of one account, by name.
    public func identities(accountID: Int32) async throws -> [IdentityRow] {
        try await pool.query(
            "SELECT \(Self.columns) FROM identity WHERE account_id = \(accountID) ORDER BY account_id, name"
        ).map(Self.row)
    }

    /// Has a tenant's sender looked at again soon, unless that was done just now, or many others of it wait for that.
    public func checkAgain(_ name: String, tenantID: Int32) async throws {
        _ = try await pool.query(
            """
            UPDATE identity SET due_at = now() FROM tenant
            WHERE tenant.id = \(tenantID) AND identity.name = \(name) AND identity.name = ANY (tenant.from_domains)
              AND identity.due_at > now() AND (identity.checked_at IS NULL OR identity.checked_at < now() - \(Self.rest))
              AND (SELECT count(*) FROM (SELECT FROM identity AS other
                                         WHERE other.name = ANY (tenant.from_domains) AND other.due_at <= now()
                                         LIMIT \(Self.mostWaiting)) AS waiting) < \(Self.mostWaiting)
            """
        )
    }

    /// Has a name looked at again at all accounts.
    public func checkAgain(_ name: String) async throws {
        _ = try await pool.query("UPDATE identity SET due_at = now() WHERE name = \(name) AND due_at > now()")
    }

    /// Has SES asked to make an identity, and to give it a MAIL FROM domain. It stays in sight whether a tenant uses it or not.
    public func register(_ name: String, accountID: Int32, mailFrom: String?, actor: String) async throws {
        try await pool.withTransaction { connection in
            _ = try await connection.query(
                """
                INSERT INTO identity (account_id, name, registered, create_wanted, mail_from)
                VALUES (\(accountID), \(name), true, true, \(mailFrom))
                ON CONFLICT (account_id, name) DO UPDATE SET
                    registered = true, create_wanted = true, mail_from = excluded.mail_from, due_at = now(), since = now()
                """
            )
            _ = try await connection.query(
                """
                INSERT INTO audit (actor, action, object, detail, request_id)
                SELECT \(actor), 'register', 'identity ' || \(name)::text || ' of account ' || account.name,
                       jsonb_build_object('change', coalesce('MAIL FROM ' || \(mailFrom)::text, '')),
                       \(AuditOrigin.requestID)::text
                FROM account WHERE account.id = \(accountID)
                """
            )
        }
    }

    // MARK: For those who check

    /// A sender, and an account that it may go out through.
    struct Wanted: Hashable, Sendable {
        let accountID: Int32
        let name: String
    }

    /// Brings the rows in line with what is configured. A row is spared for a minute, for the directory of this node may be
    /// older than the one that it was made by.
    func sync(_ wanted: [Wanted]) async throws {
        let accounts = wanted.map(\.accountID)
        let names = wanted.map(\.name)
        _ = try await pool.query(
            """
            INSERT INTO identity (account_id, name)
            SELECT w.account_id, w.name FROM unnest(\(accounts), \(names)) AS w (account_id, name)
            WHERE EXISTS (SELECT FROM account WHERE account.id = w.account_id)
              AND NOT EXISTS (SELECT FROM identity AS i WHERE i.account_id = w.account_id AND i.name = w.name)
            ON CONFLICT DO NOTHING
            """
        )
        let kept = Set(wanted)
        let rows = try await pool.query(
            "SELECT account_id, name FROM identity WHERE NOT registered AND since < now() - interval '1 minute'"
        ).decode(Int32.self, String.self)
        let gone = rows.filter { !kept.contains(Wanted(accountID: $0.0, name: $0.1)) }
        guard !gone.isEmpty else { return }
        _ = try await pool.query(
            """
            DELETE FROM identity USING unnest(\(gone.map(\.0)), \(gone.map(\.1))) AS g (account_id, name)
            WHERE identity.account_id = g.account_id AND identity.name = g.name AND NOT registered
            """
        )
    }

    /// Of these accounts the ones that have something due and may be asked.
    func due(_ accountIDs: [Int32]) async throws -> Set<Int32> {
        Set(
            try await pool.query(
                """
                SELECT a.id FROM unnest(\(accountIDs)) AS a (id)
                WHERE EXISTS (SELECT FROM identity WHERE account_id = a.id AND due_at <= now())
                  AND NOT EXISTS (SELECT FROM identity_turn WHERE account_id = a.id AND free_at > now())
                """
            ).decode(Int32.self)
        )
    }

    /// Takes the turn, and gives the row that is due for the longest time. Nil: nothing is due, or another node is at it.
    func next(accountID: Int32) async throws -> IdentityRow? {
        let taken = try await pool.query(
            """
            INSERT INTO identity_turn AS t (account_id, free_at)
            SELECT \(accountID), now() + \(Self.turn)
            WHERE EXISTS (SELECT FROM identity WHERE account_id = \(accountID) AND due_at <= now())
            ON CONFLICT (account_id) DO UPDATE SET free_at = excluded.free_at WHERE t.free_at <= now()
            RETURNING account_id
            """
        )
        guard !taken.isEmpty else { return nil }
        let row = try await pool.query(
            """
            SELECT \(Self.columns) FROM identity WHERE account_id = \(accountID) AND due_at <= now()
            ORDER BY account_id, due_at LIMIT 1
            """
        ).first.map(Self.row)
        if row == nil { try await passTurn(accountID: accountID, after: .zero) }
        return row
    }

    func passTurn(accountID: Int32, after pause: Duration) async throws {
        _ = try await pool.query(
            "UPDATE identity_turn SET free_at = now() + \(pause) WHERE account_id = \(accountID)"
        )
    }

    /// What a check has found.
    struct Found: Sendable {
        var ses: IdentityStatus?
        var dns: [DNSFinding]
        /// What SES was asked to do has been done.
        var isCreated: Bool
        var isNews: Bool
    }

    func write(_ found: Found, for row: IdentityRow, next pause: Duration) async throws {
        let (ses, dns) = (try Self.json(found.ses), try Self.json(found.dns))
        _ = try await pool.query(
            """
            UPDATE identity SET ses = \(ses), dns = \(dns), error = NULL,
                checked_at = now(), due_at = now() + \(pause), failures = 0,
                since = CASE WHEN \(found.isNews) THEN now() ELSE since END,
                create_wanted = create_wanted AND NOT (\(found.isCreated) AND mail_from IS NOT DISTINCT FROM \(row.mailFrom)),
                mail_from = CASE WHEN \(found.isCreated) AND mail_from IS NOT DISTINCT FROM \(row.mailFrom) THEN NULL
                                 ELSE mail_from END
            WHERE account_id = \(row.accountID) AND name = \(row.name)
            """
        )
    }

    /// What was known stays.
    func write(error: String, for row: IdentityRow, next pause: Duration) async throws {
        _ = try await pool.query(
            """
            UPDATE identity SET error = \(error), due_at = now() + \(pause), failures = failures + 1
            WHERE account_id = \(row.accountID) AND name = \(row.name)
            """
        )
    }

    // MARK: Rows

    private static let columns: SQL = """
        identity.account_id, identity.name, identity.registered, identity.create_wanted, identity.mail_from, identity.ses,
        identity.dns, identity.error, identity.checked_at, identity.due_at, identity.since, identity.failures
        """

    private static func row(_ row: Row) throws -> IdentityRow {
        var identity = IdentityRow(accountID: try row[0, as: Int32.self], name: try row[1, as: String.self])
        identity.isRegistered = try row[2, as: Bool.self]
        identity.createWanted = try row[3, as: Bool.self]
        identity.mailFrom = try row[4, as: String?.self]
        identity.ses = try row[5, as: JSONBText?.self].flatMap { decode($0, as: IdentityStatus.self) }
        identity.dns = try row[6, as: JSONBText?.self].flatMap { decode($0, as: [DNSFinding].self) }
        identity.error = try row[7, as: String?.self]
        identity.checkedAt = try row[8, as: Date?.self]
        identity.dueAt = try row[9, as: Date?.self]
        identity.since = try row[10, as: Date.self]
        identity.failures = try row[11, as: Int.self]
        return identity
    }

    private static func decode<Value: Decodable>(_ json: JSONBText, as type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(json.text.utf8))
    }

    private static func json(_ value: (some Encodable)?) throws -> JSONBText? {
        try value.map { JSONBText(String(decoding: try JSONEncoder().encode($0), as: UTF8.self)) }
    }
}
