import Foundation
import Mail
import Outbox
import Postgres

/// The events without our tags that wait for their rows (`feedback_waiting`).
enum WaitingStore {
    /// What one pass over the waiting did.
    struct Pass {
        var joined = 0
        var expired = 0
        /// Rows that were looked at.
        var looked = 0
    }

    /// Keeps events, unless an account has too many already.
    ///
    /// - Returns: the accounts whose events were not kept.
    static func keep(
        _ batch: [Evidence],
        for wait: Duration,
        rows: Int,
        in pool: PostgresPool
    ) async throws -> Set<Int32> {
        guard !batch.isEmpty else { return [] }
        let answers = try await pool.query(
            """
            WITH w AS (
                SELECT * FROM unnest(\(batch.map(\.accountID)), \(batch.map(\.sesMessageID)), \(batch.map(\.identity)),
                                     \(batch.map { $0.recipient ?? "" }), \(batch.map(\.type.rawValue)), \(batch.map(\.at)),
                                     \(batch.map(\.data)), \(batch.map { $0.suppression?.rawValue }))
                    AS w (account_id, ses_message_id, identity, recipient, type, at, data, suppression)
            ), room AS MATERIALIZED (
                SELECT a.account_id, n.rows < \(rows) AS is_free FROM (SELECT DISTINCT account_id FROM w) AS a
                CROSS JOIN LATERAL (
                    SELECT count(*) AS rows FROM (
                        SELECT FROM feedback_waiting AS f WHERE f.account_id = a.account_id LIMIT \(rows)) AS f
                ) AS n
            ), kept AS (
                INSERT INTO feedback_waiting (account_id, ses_message_id, identity, recipient, type, at, data, suppression,
                                              waits_until)
                SELECT account_id, ses_message_id, identity, recipient, type, at, data::jsonb, suppression, now() + \(wait)
                FROM w WHERE account_id IN (SELECT account_id FROM room WHERE is_free)
                ORDER BY account_id, ses_message_id, identity, recipient
                ON CONFLICT DO NOTHING
            )
            SELECT account_id FROM room WHERE NOT is_free
            """
        )
        return Set(try answers.decode(Int32.self))
    }

    /// Looks for the rows of those that are due, the longest due first, in one transaction: what has one is applied, what
    /// has waited long enough is dropped, and the others are looked for again after a pause that doubles up to a minute.
    static func join(limit: Int, in pool: PostgresPool) async throws -> Pass {
        try await pool.withTransaction { connection in
            let waiting = try await due(limit, on: connection)
            guard !waiting.isEmpty else { return Pass() }
            let results = try await EvidenceStore.apply(waiting.map(\.evidence), on: connection)
            var pass = Pass(looked: waiting.count)
            var gone: [Waiting] = []
            var later: [Waiting] = []
            for (row, result) in zip(waiting, results) {
                if result != .unmatched {
                    pass.joined += 1
                    gone.append(row)
                } else if row.isOver {
                    pass.expired += 1
                    gone.append(row)
                } else {
                    later.append(row)
                }
            }
            _ = try await connection.pipeline([delete(gone.map(\.evidence)), putOff(later.map(\.evidence))])
            return pass
        }
    }

    /// Drops the one that is the longest due, for one that the server refuses.
    static func dropFirst(in pool: PostgresPool) async throws {
        _ = try await pool.withTransaction { connection in
            let waiting = try await due(1, on: connection)
            _ = try await connection.query(delete(waiting.map(\.evidence)))
        }
    }

    static func count(in pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM feedback_waiting").decode(Int.self).first ?? 0
    }

    private struct Waiting {
        let evidence: Evidence
        let isOver: Bool
    }

    private static func due(_ limit: Int, on connection: PostgresConnection) async throws -> [Waiting] {
        try await connection.query(
            """
            SELECT account_id, ses_message_id, identity, recipient, type, at, data::text, suppression, waits_until <= now()
            FROM feedback_waiting WHERE next_at <= now() ORDER BY next_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """
        ).map { row in
            let recipient = try row[3, as: String.self]
            return Waiting(
                evidence: Evidence(
                    accountID: try row[0, as: Int32.self],
                    entry: nil,
                    sesMessageID: try row[1, as: String.self],
                    recipient: recipient.isEmpty ? nil : recipient,
                    type: EventType(rawValue: try row[4, as: String.self]) ?? .sent,
                    identity: try row[2, as: String.self],
                    at: try row[5, as: Date.self],
                    data: try row[6, as: String.self],
                    suppression: try row[7, as: String?.self].flatMap(Evidence.Suppression.init(rawValue:))
                ),
                isOver: try row[8, as: Bool.self]
            )
        }
    }

    private static func delete(_ batch: [Evidence]) -> SQL {
        "DELETE FROM feedback_waiting AS f USING \(keys(batch)) WHERE \(isNamed)"
    }

    private static func putOff(_ batch: [Evidence]) -> SQL {
        """
        UPDATE feedback_waiting AS f
        SET looks = f.looks + 1, next_at = least(waits_until, now() + least(60, 2 ^ f.looks) * interval '1 second')
        FROM \(keys(batch)) WHERE \(isNamed)
        """
    }

    private static func keys(_ batch: [Evidence]) -> SQL {
        """
        unnest(\(batch.map(\.accountID)), \(batch.map(\.sesMessageID)), \(batch.map(\.identity)),
               \(batch.map { $0.recipient ?? "" })) AS k (account_id, ses_message_id, identity, recipient)
        """
    }

    private static let isNamed: SQL = """
        f.account_id = k.account_id AND f.ses_message_id = k.ses_message_id AND f.identity = k.identity
        AND f.recipient = k.recipient
        """
}
