import Outbox
import Postgres

/// The addresses on their way into SES's own lists (`suppression_mirror`).
struct MirrorStore: Sendable {
    struct Wish: Sendable {
        let email: String
        let reason: String
        /// Off the list, not onto it.
        let removes: Bool
        /// Raised when it is wanted otherwise meanwhile.
        let version: Int32
        let attempts: Int
    }

    let pool: PostgresPool

    func isDue(accountID: Int32) async throws -> Bool {
        try await pool.query(
            "SELECT EXISTS (SELECT FROM suppression_mirror WHERE account_id = \(accountID) AND due_at <= now())"
        ).decode(Bool.self).first ?? false
    }

    /// Takes the wish that is due for the longest time, and puts it off for as long as a call may take, so that another node
    /// does not take it too and it comes back by itself when this one dies.
    func next(accountID: Int32) async throws -> Wish? {
        try await pool.query(
            """
            UPDATE suppression_mirror AS m SET due_at = now() + interval '1 minute', attempts = m.attempts + 1
            FROM (SELECT account_id, email FROM suppression_mirror WHERE account_id = \(accountID) AND due_at <= now()
                  ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS d
            WHERE m.account_id = d.account_id AND m.email = d.email
            RETURNING m.email, m.reason, m.removes, m.version, m.attempts
            """
        ).decode(String.self, String.self, Bool.self, Int32.self, Int.self).first.map {
            Wish(email: $0.0, reason: $0.1, removes: $0.2, version: $0.3, attempts: $0.4)
        }
    }

    /// It was done, or given up; a newer wish for the address stays.
    func close(_ wish: Wish, accountID: Int32) async throws {
        _ = try await pool.query(
            """
            DELETE FROM suppression_mirror
            WHERE account_id = \(accountID) AND email = \(wish.email) AND version = \(wish.version)
            """
        )
    }

    func putOff(_ wish: Wish, accountID: Int32, for pause: Duration) async throws {
        _ = try await pool.query(
            """
            UPDATE suppression_mirror SET due_at = now() + \(pause)
            WHERE account_id = \(accountID) AND email = \(wish.email) AND version = \(wish.version)
            """
        )
    }
}
