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
