import Outbox
import Postgres

/// The addresses on their way into SES's own lists (`suppression_mirror`), and whose turn it is to call (`suppression_mirror_turn`).
/// No statement waits for SES, and none is open while SES is called.
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

    /// Of these accounts the ones that have something due and may be called.
    func due(_ accountIDs: [Int32]) async throws -> Set<Int32> {
        let rows = try await pool.query(
            """
            SELECT a.id FROM unnest(\(accountIDs)) AS a (id)
            WHERE EXISTS (SELECT FROM suppression_mirror WHERE account_id = a.id AND due_at <= now())
              AND NOT EXISTS (SELECT FROM suppression_mirror_turn WHERE account_id = a.id AND free_at > now())
            """
        )
        return Set(try rows.decode(Int32.self))
    }

    /// Takes the turn, and the wish that is due for the longest time, each for longer than a call may take: so no other node
    /// calls meanwhile, and both come back by themselves when this one dies.
    func next(accountID: Int32) async throws -> Wish? {
        let rows = try await pool.query(
            """
            WITH turn AS (
                INSERT INTO suppression_mirror_turn AS t (account_id, free_at)
                SELECT \(accountID), now() + interval '1 minute'
                WHERE EXISTS (SELECT FROM suppression_mirror WHERE account_id = \(accountID) AND due_at <= now())
                ON CONFLICT (account_id) DO UPDATE SET free_at = excluded.free_at WHERE t.free_at <= now()
                RETURNING t.account_id
            ), taken AS (
                UPDATE suppression_mirror AS m SET due_at = now() + interval '1 minute', attempts = m.attempts + 1
                FROM (SELECT account_id, email FROM suppression_mirror
                      WHERE account_id IN (SELECT account_id FROM turn) AND due_at <= now()
                      ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS d
                WHERE m.account_id = d.account_id AND m.email = d.email
                RETURNING m.email, m.reason, m.removes, m.version, m.attempts
            )
            SELECT taken.* FROM turn LEFT JOIN taken ON true
            """
        ).decode(String?.self, String?.self, Bool?.self, Int32?.self, Int?.self)
        guard let row = rows.first else { return nil }
        guard let email = row.0, let reason = row.1, let removes = row.2, let version = row.3, let attempts = row.4
        else {
            // It was taken by others between the look and the turn.
            try await passTurn(accountID: accountID, after: .zero)
            return nil
        }
        return Wish(email: email, reason: reason, removes: removes, version: version, attempts: attempts)
    }

    /// Lets whoever comes first call again after a pause.
    func passTurn(accountID: Int32, after pause: Duration) async throws {
        _ = try await pool.query(
            "UPDATE suppression_mirror_turn SET free_at = now() + \(pause) WHERE account_id = \(accountID)"
        )
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
