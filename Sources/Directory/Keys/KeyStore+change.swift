public import Foundation
import Postgres

extension KeyStore {
    /// Changes what a key may do.
    ///
    /// - Parameters:
    ///   - change: checked; what it does not say stays.
    ///   - maker: the key that this is asked with; nil for those who run the gateway.
    /// - Throws: `DirectoryError.notFound`, `.exceeds` when the changed key could do more than `maker`, `.ended`.
    public func change(
        _ id: UUID,
        _ change: KeyChange,
        of holder: KeyHolder,
        within maker: KeyMaker? = nil,
        actor: String
    ) async throws -> KeyInfo {
        try await edit(id, of: holder, by: maker) { key, maker, before, connection in
            if let isTest = change.isTest, isTest != key.grant.isTest {
                throw DirectoryError(.conflict, "a key stays a live or a test key; make another one")
            }
            let grant = change.applied(to: key.grant)
            try Self.check(grant, within: maker)
            let name = change.name ?? key.name
            let changed = Self.differences(from: key, name: name, grant)
            guard !changed.isEmpty else { return key }
            _ = try await connection.query(
                """
                UPDATE api_key SET label = \(name), scopes = \(grant.scopeNames), domains = \(grant.domains),
                    regions = \(grant.regions), allowed_ips = \(grant.allowedIPs), expires_at = \(grant.expiresAt)
                WHERE id = \(id)
                """
            )
            try await Self.record(
                "change",
                key,
                detail: changed.joined(separator: ", "),
                over: before,
                actor: actor,
                on: connection
            )
            guard let info = try await Self.find(id, holder, on: connection) else { throw Self.notFound() }
            return info
        }
    }

    /// Gives a key a new secret. The one that it had works on for `overlap`; one from before that no longer does.
    ///
    /// - Throws: `DirectoryError.notFound`, `.exceeds` for a key that may do more than `maker`, `.ended`.
    public func rotate(
        _ id: UUID,
        overlap: Duration,
        of holder: KeyHolder,
        within maker: KeyMaker? = nil,
        actor: String
    ) async throws -> Issued {
        try await edit(id, of: holder, by: maker) { old, maker, before, connection in
            try Self.check(old.grant, within: maker)
            let key = APIKey.generate(old.tenant == nil ? .admin : old.grant.isTest ? .test : .live)
            _ = try await connection.query(
                """
                UPDATE api_key SET hash = \(APIKey.hash(key)), hint = \(APIKey.hint(key)),
                    old_hash = CASE WHEN \(overlap)::interval > interval '0' THEN hash END,
                    old_until = CASE WHEN \(overlap)::interval > interval '0' THEN now() + \(overlap)::interval END
                WHERE id = \(id)
                """
            )
            let seconds = overlap.components.seconds
            try await Self.record(
                "rotate",
                old,
                detail: seconds == 0 ? "the old secret ends at once" : "the old secret ends after \(seconds) s",
                over: before,
                actor: actor,
                on: connection
            )
            guard let info = try await Self.find(id, holder, on: connection) else { throw Self.notFound() }
            return Issued(info: info, key: key)
        }
    }

    /// Ends a key, whatever it may do.
    ///
    /// - Throws: `DirectoryError.notFound`, `.ended`.
    public func revoke(_ id: UUID, of holder: KeyHolder, by maker: KeyMaker? = nil, actor: String) async throws {
        try await edit(id, of: holder, by: maker) { key, _, before, connection in
            _ = try await connection.query("UPDATE api_key SET revoked_at = now() WHERE id = \(id)")
            try await Self.record("revoke", key, over: before, actor: actor, on: connection)
        }
    }

    /// Runs `body` on a key as it is, with what its maker may do now and what the audit says of it before, in a transaction that no
    /// other change of the directory can come between.
    private func edit<Value: Sendable>(
        _ id: UUID,
        of holder: KeyHolder,
        by maker: KeyMaker?,
        _ body: @Sendable (KeyInfo, KeyGrant?, [String: String], PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await transaction(of: holder) { connection in
            try await DirectoryChangeLog.begin(on: connection)
            let grant = try await Self.present(maker, on: connection)
            guard let key = try await Self.find(id, holder, on: connection) else { throw Self.notFound() }
            let before = try await AuditedState.read([Self.audited(key)], on: connection)
            return try await body(key, grant, before, connection)
        }
    }

    /// The same for an id that is unknown, revoked or somebody else's.
    private static func notFound() -> DirectoryError { DirectoryError(.notFound, "there is no key with this id") }

    /// The names of the members that differ, in words; what they were and are stands beside them.
    private static func differences(from key: KeyInfo, name: String, _ grant: KeyGrant) -> [String] {
        var names: [String] = []
        if key.name != name { names.append("name") }
        if key.grant.scopes != grant.scopes { names.append("scopes") }
        if key.grant.domains != grant.domains { names.append("domains") }
        if key.grant.regions != grant.regions { names.append("regions") }
        if key.grant.allowedIPs != grant.allowedIPs { names.append("allowed_ips") }
        if key.grant.expiresAt != grant.expiresAt { names.append("expires_at") }
        return names
    }
}
