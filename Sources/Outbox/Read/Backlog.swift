public import Foundation
public import Postgres

/// What waits for one account, share by share, for gauges: read lane by lane from the heads of the queues and counted up to a
/// bound, so that it costs about the same however much waits. Mail of tests is not in it.
public struct Backlog: Sendable {
    public struct Share: Sendable, Equatable {
        public var shareID: Int32
        /// Recipients that may be sent now.
        public var ready: Int
        /// Recipients that may not, because of their tenant's standing at the account.
        public var paused: Int
        /// Recipients whose time has not come.
        public var scheduled: Int
        /// Recipients that are tried again later.
        public var retrying: Int
        /// Recipients whose outcome is unknown, within the grace; or in doubt after a restore.
        public var unknown: Int
        /// Recipients whose unknown outcome waits for a person.
        public var held: Int
        /// Since when the oldest of `ready` could be sent: its acceptance, or the time that it was scheduled for.
        public var readySince: Date?
        /// When the first of what is deferred was due, or will be.
        public var nextDue: Date?
    }

    /// Only shares with lanes.
    public let shares: [Share]
    /// Since when the oldest unknown outcome is open; not of what is in doubt after a restore, for which an operator chose the grace.
    public let unknownSince: Date?

    /// Entries that are counted in all lanes together; in one lane at least `leastCounted` and at most `mostCounted`.
    private static let counted = 200_000
    private static let leastCounted = 100
    private static let mostCounted = 10_000
    /// Unknown outcomes of a lane among which the oldest is looked for.
    private static let looked = 100

    /// - Parameter lanes: how many the account has.
    public static func read(_ pool: PostgresPool, accountID: Int32, lanes: Int) async throws
        -> Backlog
    {
        let bound = Int32(min(mostCounted, max(leastCounted, counted / max(1, lanes))))
        let rows = try await pool.query(statement(accountID: accountID, bound: bound))
        let shares = try rows.map { row in
            Share(
                shareID: try row[0],
                ready: try row[1],
                paused: try row[2],
                scheduled: try row[3],
                retrying: try row[4],
                unknown: try row[5],
                held: try row[6],
                readySince: try row[7],
                nextDue: try row[8]
            )
        }
        let isOpen = shares.contains { $0.unknown + $0.held > 0 }
        return Backlog(
            shares: shares,
            unknownSince: isOpen ? try await oldestUnknown(pool, accountID: accountID, bound: bound) : nil
        )
    }

    private static func statement(accountID: Int32, bound: Int32) -> SQL {
        """
        SELECT lane.share_id, coalesce(sum(ready.recipients) FILTER (WHERE NOT paused.is), 0)::bigint,
               coalesce(sum(ready.recipients) FILTER (WHERE paused.is), 0)::bigint, coalesce(sum(later.scheduled), 0)::bigint,
               coalesce(sum(later.retrying), 0)::bigint, coalesce(sum(later.unknown), 0)::bigint,
               coalesce(sum(held.recipients), 0)::bigint, min(head.since) FILTER (WHERE NOT paused.is), min(later.due)
        FROM share JOIN lane ON lane.share_id = share.id AND NOT lane.test
        LEFT JOIN reputation AS standing ON standing.account_id = share.account_id AND standing.tenant_id = lane.tenant_id
        CROSS JOIN LATERAL (SELECT standing.state IS NOT DISTINCT FROM 'paused' AS is) AS paused
        CROSS JOIN LATERAL (
            SELECT sum(entry.recipients) AS recipients
            FROM (SELECT recipients FROM ready WHERE lane_id = lane.id LIMIT \(bound)) AS entry
        ) AS ready
        CROSS JOIN LATERAL (
            SELECT sum(entry.recipients) FILTER (WHERE reason = \(DeferredReason.scheduled.rawValue)) AS scheduled,
                   sum(entry.recipients) FILTER (WHERE reason = \(DeferredReason.retry.rawValue)) AS retrying,
                   sum(entry.recipients) FILTER (WHERE reason IN \(DeferredReason.inDoubt)) AS unknown,
                   min(entry.due_at) AS due
            FROM (SELECT recipients, reason, due_at FROM deferred WHERE lane_id = lane.id AND due_at < 'infinity'
                  ORDER BY due_at LIMIT \(bound)) AS entry
        ) AS later
        CROSS JOIN LATERAL (
            SELECT sum(entry.recipients) AS recipients
            FROM (SELECT recipients FROM deferred WHERE lane_id = lane.id AND due_at = 'infinity' LIMIT \(bound)) AS entry
        ) AS held
        LEFT JOIN LATERAL (
            SELECT min(greatest(m.created_at, m.scheduled_at)) AS since
            FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p (priority)
            CROSS JOIN LATERAL (
                SELECT id FROM ready WHERE lane_id = lane.id AND ready.priority = p.priority ORDER BY id LIMIT 1
            ) AS first
            JOIN message AS m ON m.id = message_of(first.id)
        ) AS head ON true
        WHERE share.account_id = \(accountID)
        GROUP BY lane.share_id
        """
    }

    private static func oldestUnknown(_ pool: PostgresPool, accountID: Int32, bound: Int32)
        async throws -> Date?
    {
        try await pool.query(
            """
            SELECT min(copy.updated_at)
            FROM share JOIN lane ON lane.share_id = share.id AND NOT lane.test
            CROSS JOIN LATERAL (
                (SELECT first.id FROM (SELECT id, reason FROM deferred WHERE lane_id = lane.id AND due_at < 'infinity'
                                       ORDER BY due_at LIMIT \(bound)) AS first
                 WHERE first.reason = \(DeferredReason.unknown.rawValue) LIMIT \(Int32(looked)))
                UNION ALL
                (SELECT first.id FROM (SELECT id, reason FROM deferred WHERE lane_id = lane.id AND due_at = 'infinity'
                                       ORDER BY id LIMIT \(Int32(looked))) AS first
                 WHERE first.reason = \(DeferredReason.unknown.rawValue))
            ) AS entry
            CROSS JOIN LATERAL (
                SELECT updated_at FROM outbox WHERE outbox.id BETWEEN entry.id AND last_of(entry.id) ORDER BY id LIMIT 1
            ) AS copy
            WHERE share.account_id = \(accountID)
            """
        ).decode(Date?.self).first ?? nil
    }
}
