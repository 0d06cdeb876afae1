import Foundation
import Postgres

/// What accounts, shares, tenants, keys and standings are, for the audit: all their columns but numbers of ours and whatever is kept
/// as bytes, because secrets and their hashes are. A column that a migration adds is in it by itself.
enum AuditedState {
    /// JSON objects by the names that the audit has for objects (`account main`, `share main/AT`, `tenant apa`, `key ID ...`,
    /// `standing of tenant apa at main`).
    /// What does not exist, or is something else, is not among them.
    static func read(_ objects: [String], on connection: PostgresConnection) async throws -> [String: String] {
        var states: [String: String] = [:]
        let accounts = names(of: "account ", objects)
        if !accounts.isEmpty {
            states.merge(try await rows("account ", accountStates(accounts), connection)) { $1 }
        }
        let shares = names(of: "share ", objects)
        if !shares.isEmpty { states.merge(try await rows("share ", shareStates(shares), connection)) { $1 } }
        let tenants = names(of: "tenant ", objects)
        if !tenants.isEmpty { states.merge(try await rows("tenant ", tenantStates(tenants), connection)) { $1 } }
        for object in objects where object.hasPrefix("key ") {
            guard let id = UUID(uuidString: String(object.dropFirst(4).prefix(36))) else { continue }
            states[object] = try await connection.query(keyState(id)).decode(String.self).first
        }
        let standings = objects.filter { $0.hasPrefix("standing of ") }
        if !standings.isEmpty { states.merge(try await rows("", standingStates(standings), connection)) { $1 } }
        return states
    }

    private static func names(of kind: String, _ objects: [String]) -> [String] {
        objects.filter { $0.hasPrefix(kind) }.map { String($0.dropFirst(kind.count)) }
    }

    private static func rows(
        _ kind: String,
        _ statement: SQL,
        _ connection: PostgresConnection
    ) async throws -> [String: String] {
        let rows = try await connection.query(statement).decode(String.self, String.self)
        return Dictionary(rows.map { (kind + $0.0, $0.1) }) { first, _ in first }
    }

    private static func accountStates(_ names: [String]) -> SQL {
        """
        SELECT name, \(shown("to_jsonb(account) - '{id,name,version}'::text[]", of: "account")) FROM account
        JOIN unnest(\(names)) AS wanted (name) USING (name)
        """
    }

    private static func shareStates(_ paths: [String]) -> SQL {
        let parts = paths.map { $0.split(separator: "/", maxSplits: 1).map(String.init) }.filter { $0.count == 2 }
        let accounts = parts.map { $0[0] }
        let places = parts.map { $0[1] }
        return """
            SELECT account.name || '/' || share.path,
                   \(shown("to_jsonb(share) - '{id,account_id,path,position}'::text[]", of: "share"))
            FROM unnest(\(accounts), \(places)) AS wanted (account, path)
            JOIN account ON account.name = wanted.account
            JOIN share ON share.account_id = account.id AND share.path = wanted.path
            """
    }

    private static func tenantStates(_ names: [String]) -> SQL {
        """
        SELECT name, \(shown(tenantColumns, of: "tenant")) FROM tenant
        JOIN unnest(\(names)) AS wanted (name) USING (name)
        """
    }

    private static let tenantColumns = """
        (to_jsonb(tenant) - '{id,name}'::text[]) || jsonb_build_object('regions', (
            SELECT jsonb_object_agg(route.region,
                                    account.name || CASE share.path WHEN '' THEN '' ELSE '/' || share.path END)
            FROM route JOIN share ON share.id = route.share_id JOIN account ON account.id = share.account_id
            WHERE route.tenant_id = tenant.id))
        """

    private static func keyState(_ id: UUID) -> SQL {
        """
        SELECT \(shown("to_jsonb(api_key) - '{id,tenant_id,hash,hint,last_used_at}'::text[]", of: "api_key")) FROM api_key
        WHERE id = \(id)
        """
    }

    private static func standingStates(_ objects: [String]) -> SQL {
        """
        SELECT own.name, \(shown("to_jsonb(r) - '{account_id,tenant_id,tally}'::text[]", of: "reputation"))
        FROM reputation AS r JOIN account ON account.id = r.account_id LEFT JOIN tenant ON tenant.id = r.tenant_id
        CROSS JOIN LATERAL (
            SELECT 'standing of ' || coalesce('tenant ' || tenant.name, 'the account') || ' at ' || account.name AS name
        ) AS own
        WHERE own.name = ANY (\(objects))
        """
    }

    /// As text, without what the table keeps as bytes.
    private static func shown(_ object: String, of table: String) -> SQL {
        """
        (SELECT jsonb_object_agg(m.key, m.value)::text FROM jsonb_each(\(raw: object)) AS m
         WHERE NOT EXISTS (SELECT FROM pg_attribute AS a
                           WHERE a.attrelid = '\(raw: table)'::regclass AND a.attname = m.key
                             AND a.atttypid IN ('bytea'::regtype, 'bytea[]'::regtype)))
        """
    }
}
