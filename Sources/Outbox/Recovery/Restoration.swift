public import Foundation
import Mail
public import Postgres

/// Deals with a database that was taken back to an earlier moment: what waits in it may have been sent since, by a database
/// that is gone. So all of it becomes `unknown`, and waits for SES's word until a time; then the tenants' policies decide.
///
/// No node may run meanwhile. What it has done is not done again by a second run.
public struct Restoration: Sendable {
    /// What became of what waited, in queue entries.
    public struct Report: Sendable, Equatable {
        /// May have been sent: unknown until the time that was given.
        public internal(set) var doubtful = 0
        /// Not due before the old database was lost, so certainly not sent: as they were.
        public internal(set) var untouched = 0
    }

    /// Entries that one statement moves.
    private static let batch = 2_000
    private static let reason = "the database was restored: it may have been sent before"

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Parameters:
    ///   - lostAt: when the old database took its last send; entries that were not due then are left alone.
    ///   - grace: how long SES's word is waited for.
    public func doubt(lostAt: Date, grace: Duration, progress: (Int) -> Void = { _ in }) async throws -> Report {
        var report = Report()
        // Their processes are gone; what they had claimed is recovered as after any crash, only with more patience.
        _ = try await pool.query("UPDATE lease SET state = 'retired' WHERE state = 'live'")
        report.doubtful += try await ClaimRecovery.recoverAbandoned(grace: grace, as: .restored, in: pool)
        // As a claim that nobody made: outcomes are told apart by their claims.
        let claim: Int64 =
            try await pool.query("SELECT nextval(pg_get_serial_sequence('claim', 'id'))").decode(Int64.self).first ?? 0
        for statement in [Self.ready(claim, grace: grace), Self.deferred(claim, lostAt: lostAt, grace: grace)] {
            while true {
                let moved = try await pool.query(statement).decode(Int.self).first ?? 0
                report.doubtful += moved
                if moved == 0 { break }
                progress(report.doubtful)
            }
        }
        report.untouched =
            try await pool.query(
                """
                SELECT count(*) FROM lane JOIN deferred ON deferred.lane_id = lane.id
                WHERE NOT lane.test AND deferred.reason NOT IN \(DeferredReason.inDoubt)
                """
            ).decode(Int.self).first ?? 0
        return report
    }

    /// Ends the waiting: the next promotion applies the tenants' policies to what is still unknown.
    ///
    /// - Returns: how many entries became due.
    public func decide() async throws -> Int {
        var ended = 0
        while true {
            let moved =
                try await pool.query(
                    """
                    WITH waiting AS MATERIALIZED (
                        SELECT entry.tid FROM lane CROSS JOIN LATERAL (
                            SELECT ctid AS tid FROM deferred
                            WHERE lane_id = lane.id AND due_at > now() AND due_at < 'infinity'
                              AND reason = \(DeferredReason.restored.rawValue)
                            ORDER BY lane_id, due_at, id LIMIT \(Int32(Self.batch)) FOR UPDATE
                        ) AS entry
                        WHERE NOT lane.test LIMIT \(Int32(Self.batch))
                    ), due AS (
                        UPDATE deferred SET due_at = now() WHERE ctid = ANY (ARRAY(SELECT tid FROM waiting)) RETURNING 1
                    )
                    SELECT count(*) FROM due
                    """
                ).decode(Int.self).first ?? 0
            ended += moved
            if moved == 0 { return ended }
        }
    }

    /// Takes entries out of `ready`; each goes on as an unknown outcome.
    private static func ready(_ claim: Int64, grace: Duration) -> SQL {
        """
        WITH taken AS MATERIALIZED (
            DELETE FROM ready WHERE ctid = ANY (ARRAY(
                SELECT entry.tid FROM lane CROSS JOIN LATERAL (
                    SELECT ctid AS tid FROM ready WHERE lane_id = lane.id
                    ORDER BY lane_id, priority, id LIMIT \(Int32(batch)) FOR UPDATE
                ) AS entry
                WHERE NOT lane.test LIMIT \(Int32(batch))))
            RETURNING lane_id, priority, id, recipients
        ), waiting AS (
            INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
            SELECT lane_id, clock_timestamp() + \(grace), id, priority, recipients, \(DeferredReason.restored.rawValue)
            FROM taken ON CONFLICT DO NOTHING
        ), \(moved("taken", claim))
        SELECT count(*) FROM taken
        """
    }

    /// Puts off what was due by then, whatever for: a schedule, a retry, an unknown outcome.
    private static func deferred(_ claim: Int64, lostAt: Date, grace: Duration) -> SQL {
        """
        WITH due AS MATERIALIZED (
            SELECT entry.tid, entry.id FROM lane CROSS JOIN LATERAL (
                SELECT ctid AS tid, id FROM deferred WHERE lane_id = lane.id AND due_at <= \(lostAt)
                ORDER BY lane_id, due_at, id LIMIT \(Int32(batch)) FOR UPDATE
            ) AS entry
            WHERE NOT lane.test LIMIT \(Int32(batch))
        ), later AS (
            UPDATE deferred
            SET due_at = greatest(clock_timestamp() + \(grace), \(lostAt)::timestamptz + interval '1 millisecond'),
                reason = \(DeferredReason.restored.rawValue)
            WHERE ctid = ANY (ARRAY(SELECT tid FROM due))
        ), \(moved("due", claim))
        SELECT count(*) FROM due
        """
    }

    /// The rows that the entries name, in the order in which everybody locks rows; and what is told of them.
    private static func moved(_ source: String, _ claim: Int64) -> SQL {
        """
        moved AS (
            UPDATE outbox SET status = \(MessageStatus.unknown.rank), claim_id = \(claim), detail = \(reason),
                updated_at = clock_timestamp()
            FROM (SELECT id FROM \(raw: source) ORDER BY id) AS entry
            WHERE outbox.id BETWEEN entry.id AND last_of(entry.id) AND outbox.status < \(MessageStatus.unknown.rank)
            RETURNING outbox.tenant_id, outbox.id, outbox.status
        ), happened AS (
            SELECT tenant_id, id, \(EventType.unknown.rawValue) || ':' || \(claim)::bigint AS identity,
                   \(EventType.unknown.rawValue) AS type, status, jsonb_build_object('reason', \(reason)::text) AS data
            FROM moved
        ), \(EventRecord.record("happened"))
        """
    }
}
