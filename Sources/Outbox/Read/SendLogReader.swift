public import Foundation
public import Postgres

/// Reads an account's send log, for audits.
public struct SendLogReader: Sendable {
    /// Rows that are read at once.
    private static let page = 10_000
    /// An outcome is logged when it is written, which an outage of the database can put off.
    private static let lag: TimeInterval = 900

    private let pool: PostgresPool
    private let accountID: Int32

    public init(pool: PostgresPool, accountID: Int32) {
        self.pool = pool
        self.accountID = accountID
    }

    /// Hands the attempts that were logged from `from` to a quarter of an hour after `to` over, page by page.
    public func attempts(from: Date, to: Date, _ body: ([LoggedAttempt]) throws -> Void) async throws {
        try await pool.withTransaction(readOnly: true) { connection in
            _ = try await connection.query(self.cursor(from: from, to: to), prepared: false)
            while true {
                let rows = try await connection.query("FETCH \(raw: String(Self.page)) FROM attempts", prepared: false)
                try body(try rows.map(Self.attempt))
                if rows.count < Self.page { return }
                try Task.checkCancellation()
            }
        }
    }

    private func cursor(from: Date, to: Date) -> SQL {
        """
        DECLARE attempts NO SCROLL CURSOR FOR
        SELECT l.share_id, l.node, l.epoch, l.recipients, l.started_ns, l.answered_ns, l.outcome,
               (extract(epoch FROM greatest(m.created_at, m.scheduled_at)) * 1000000000)::bigint
        FROM send_log AS l
        LEFT JOIN message AS m ON l.attempt = 1 AND m.id = message_of(l.outbox_id)
        WHERE l.account_id = \(accountID) AND l.at >= \(from) AND l.at < \(to.addingTimeInterval(Self.lag))
        """
    }

    private static func attempt(_ row: Row) throws -> LoggedAttempt {
        LoggedAttempt(
            shareID: try row[0],
            node: try row[1],
            epoch: try row[2],
            recipients: try row[3],
            startedAt: try row[4],
            answeredAt: try row[5],
            outcome: try row[6],
            waitedSince: try row[7]
        )
    }

    /// For each share with mail that has waited since it was accepted or due: since when the first of it has, in nanoseconds
    /// since 1970.
    ///
    /// Only the head of each queue is looked at; one that was tried before says nothing about when it came back.
    public func waitingSince() async throws -> [(shareID: Int32, since: Int64)] {
        try await pool.query(
            """
            SELECT lane.share_id, min((extract(epoch FROM greatest(m.created_at, m.scheduled_at)) * 1000000000)::bigint)
            FROM share
            JOIN lane ON lane.share_id = share.id
            CROSS JOIN generate_series(0, 2) AS p (priority)
            CROSS JOIN LATERAL (
                SELECT id FROM ready WHERE lane_id = lane.id AND priority = p.priority ORDER BY id LIMIT 1
            ) AS head
            JOIN message AS m ON m.id = message_of(head.id)
            WHERE share.account_id = \(accountID) AND EXISTS (
                SELECT FROM outbox WHERE outbox.id BETWEEN head.id AND last_of(head.id) AND attempt = 0)
            GROUP BY lane.share_id
            """
        ).decode(Int32.self, Int64.self).map { (shareID: $0.0, since: $0.1) }
    }
}
