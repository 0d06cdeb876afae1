import Postgres

/// Brings changes of the directory into one order, writes their audit trail and raises the directory's version, in each
/// change's own transaction.
enum DirectoryChangeLog {
    struct Entry {
        let action: String
        let object: String
        var detail = ""
    }

    /// Waits for the changes that are under way, and holds up those that follow until the transaction ends. To be called
    /// first: every change takes this lock before any other.
    static func begin(on connection: PostgresConnection) async throws {
        _ = try await connection.query("SELECT version FROM directory_version FOR UPDATE")
    }

    /// Writes the entries, with what their objects are now.
    ///
    /// - Parameter before: what they were, as `AuditedState` read it before the change; of what is in both, an entry keeps the
    ///   members that differ.
    static func record(
        _ entries: [Entry],
        over before: [String: String] = [:],
        actor: String,
        on connection: PostgresConnection
    ) async throws {
        let objects = entries.map(\.object)
        let after = try await AuditedState.read(objects, on: connection)
        let old: [String?] = objects.map { before[$0] }
        let new: [String?] = objects.map { after[$0] }
        _ = try await connection.query(
            """
            INSERT INTO audit (actor, action, object, detail, before, after, request_id)
            SELECT \(actor), e.action, e.object, jsonb_build_object('change', e.detail),
                   (SELECT jsonb_object_agg(m.key, m.value) FROM jsonb_each(e.before::jsonb) AS m
                    WHERE m.value IS DISTINCT FROM e.after::jsonb -> m.key),
                   (SELECT jsonb_object_agg(m.key, m.value) FROM jsonb_each(e.after::jsonb) AS m
                    WHERE m.value IS DISTINCT FROM e.before::jsonb -> m.key),
                   \(AuditOrigin.requestID)::text
            FROM unnest(\(entries.map(\.action)), \(objects), \(entries.map(\.detail)),
                        \(old), \(new))
                WITH ORDINALITY AS e (action, object, detail, before, after, place)
            ORDER BY e.place
            """
        )
        _ = try await connection.query("UPDATE directory_version SET version = version + 1")
    }
}
