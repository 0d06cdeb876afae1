import Postgres

/// Writes the audit trail of a change and raises the directory's version, in the change's own transaction.
enum DirectoryChangeLog {
    struct Entry {
        let action: String
        let object: String
        var detail = ""
    }

    static func record(_ entries: [Entry], actor: String, on connection: PostgresConnection) async throws {
        for entry in entries {
            _ = try await connection.query(
                """
                INSERT INTO audit (actor, action, object, detail)
                VALUES (\(actor), \(entry.action), \(entry.object), jsonb_build_object('change', \(entry.detail)))
                """
            )
        }
        _ = try await connection.query("UPDATE directory_version SET version = version + 1")
    }
}
