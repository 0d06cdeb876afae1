import Foundation
public import Logging
import Mail
public import Postgres
public import ServiceLifecycle

/// Answers test mail in SES's place, by the clock of the database: it leaves its queue and gets its statuses and events in one
/// transaction, by the statement that real feedback takes. Every node runs one; `SKIP LOCKED` keeps them apart.
///
/// Test mail lies in lanes that no dispatcher knows, and in `deferred` only. So no credit, call, quota or log of sends ever
/// hears of it.
public struct TestMailAnswers: Service {
    /// Entries of one lane that one pass takes.
    static let perLane = 50
    /// Pieces of evidence of one statement.
    private static let batch = 500
    private static let pace = LookPace(.milliseconds(50), most: .milliseconds(500))

    private let pool: PostgresPool
    private let logger: Logger

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var pace = Self.pace
            while !Task.isCancelled {
                var found = false
                do {
                    found = try await self.answer() > 0
                } catch {
                    self.logger.debug("test mail not answered", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: pace.next(found: found))
            }
        }
    }

    /// Answers what is due; returns for how many recipients.
    package func answer() async throws -> Int {
        guard try await pool.query(Self.isDue).decode(Bool.self).first ?? false else { return 0 }
        return try await pool.withTransaction { connection in
            let rows = try await connection.query(Self.take)
                .decode(PostgresUUID.self, String.self, Int16.self, Int32.self, Date.self)
            let evidence = rows.flatMap { id, email, attempt, account, now -> [Evidence] in
                guard let row = OutboxID(high: id.high, low: id.low) else { return [] }
                return TestFate(of: email).evidence(of: row, attempt: attempt, accountID: account, at: now)
            }
            for start in stride(from: 0, to: evidence.count, by: Self.batch) {
                let part = evidence[start..<min(start + Self.batch, evidence.count)]
                _ = try await EvidenceStore.apply(Array(part), on: connection)
            }
            return rows.count
        }
    }

    /// One round trip, which is all that a node without tests spends on them.
    private static let isDue: SQL = """
        SELECT EXISTS (
            SELECT FROM lane CROSS JOIN LATERAL (
                SELECT FROM deferred WHERE lane_id = lane.id AND due_at <= now() ORDER BY lane_id, due_at LIMIT 1
            ) AS first
            WHERE lane.test)
        """

    /// Takes what is due out of the queue, and counts the attempt. What has expired is left to the sweep of expired mail.
    private static var take: SQL {
        """
        WITH due AS MATERIALIZED (
            SELECT d.tid, d.id, share.account_id
            FROM lane JOIN share ON share.id = lane.share_id CROSS JOIN LATERAL (
                SELECT ctid AS tid, id FROM deferred
                WHERE lane_id = lane.id AND due_at <= now() AND NOT EXISTS (
                    SELECT FROM message WHERE message.id = message_of(deferred.id) AND message.expires_at <= now())
                ORDER BY lane_id, due_at, id LIMIT \(Int32(perLane)) FOR UPDATE SKIP LOCKED
            ) AS d
            WHERE lane.test
        ), gone AS (
            DELETE FROM deferred WHERE ctid = ANY (ARRAY(SELECT tid FROM due))
        ), tried AS (
            UPDATE outbox SET attempt = attempt + 1, updated_at = clock_timestamp()
            FROM (SELECT id, account_id FROM due ORDER BY id) AS due  -- in the order in which everybody locks rows
            WHERE outbox.id BETWEEN due.id AND last_of(due.id) AND outbox.status < \(MessageStatus.expired.rank)
            RETURNING outbox.id, outbox.email, outbox.attempt, due.account_id
        )
        SELECT id, email, attempt, account_id, clock_timestamp() FROM tried ORDER BY id
        """
    }
}
