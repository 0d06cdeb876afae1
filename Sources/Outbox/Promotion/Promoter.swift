import Mail
public import Postgres

/// Moves deferred entries whose time has come into `ready`, and applies the tenants' policies to unknown outcomes whose
/// grace is over. Bounded per lane, so that one tenant's schedule starves nobody.
public struct Promoter: Sendable {
    public static let perLane = 200

    private let pool: PostgresPool
    package let marks = DueMarks()

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// What one pass did.
    public struct Pass: Sendable {
        /// Queues that got rows.
        public let queues: [QueueSign]
        /// Some lane had more due entries than one pass takes.
        public let hasMore: Bool
    }

    public func promote() async throws -> Pass {
        let rows = try await marks.sweep { start in
            let rows = try await pool.query(Self.statement(start.marks))
                .decode(Int32.self, Int16?.self, Int.self, PostgresUUID.self, String?.self)
            // Without a priority: how far a lane has been emptied.
            let reached = rows.compactMap { row in row.4.map { DueMarks.Mark(key: row.0, due: $0, id: row.3) } }
            return (rows, reached: reached)
        }
        let queues = rows.compactMap { row in
            row.1.flatMap(Priority.init(rawValue:)).map {
                QueueSign(laneID: row.0, priority: $0, rows: .more(row.2), first: row.3)
            }
        }
        return Pass(queues: queues, hasMore: rows.contains { $0.4 != nil && $0.2 >= Self.perLane })
    }

    /// Held entries (`hold`) get the due time infinity and stay; failed ones go nowhere, and neither do those whose outcome
    /// has become known meanwhile.
    ///
    /// - Parameter marks: of lanes, in their order.
    package static func statement(_ marks: [DueMarks.Mark]) -> SQL {
        let borders = [0] + marks.map(\.key) + [.max]
        let gaps = zip(borders, borders.dropFirst()).filter { $0.0 + 1 < $0.1 }
        return """
            WITH RECURSIVE unmarked AS (
                SELECT (SELECT d.lane_id FROM deferred AS d WHERE d.lane_id > gap.after AND d.lane_id < gap.until
                        ORDER BY d.lane_id LIMIT 1) AS lane_id, gap.until
                FROM unnest(\(gaps.map(\.0)), \(gaps.map(\.1))) AS gap (after, until)
                UNION ALL
                SELECT (SELECT d.lane_id FROM deferred AS d WHERE d.lane_id > l.lane_id AND d.lane_id < l.until
                        ORDER BY d.lane_id LIMIT 1), l.until
                FROM unmarked AS l WHERE l.lane_id IS NOT NULL
            ), lane_with_rows AS (
                SELECT lane_id, due::timestamptz AS due_at, id
                FROM unnest(\(marks.map(\.key)), \(marks.map(\.due)), \(marks.map(\.id))) AS m (lane_id, due, id)
                UNION ALL
                SELECT lane_id, '-infinity', \(PostgresUUID.lowest) FROM unmarked WHERE lane_id IS NOT NULL
            ), due AS MATERIALIZED (
                SELECT d.*, CASE WHEN NOT EXISTS (
                                     SELECT FROM outbox WHERE outbox.id BETWEEN d.id AND last_of(d.id)
                                                          AND outbox.status < \(MessageStatus.expired.rank)) THEN 'known'
                                 WHEN d.reason IN \(DeferredReason.inDoubt)
                                 THEN coalesce(tenant.unknown_policy, 'resend')  -- the default, for a removed tenant
                                 ELSE 'resend' END AS policy
                FROM lane_with_rows AS l
                JOIN lane ON lane.id = l.lane_id AND NOT lane.test LEFT JOIN tenant ON tenant.id = lane.tenant_id
                CROSS JOIN LATERAL (
                    SELECT ctid AS tid, lane_id, due_at, priority, id, recipients, reason FROM deferred
                    WHERE lane_id = l.lane_id AND (due_at, id) >= (l.due_at, l.id) AND due_at <= now()
                    ORDER BY lane_id, due_at, id LIMIT \(Int32(perLane)) FOR UPDATE SKIP LOCKED
                ) AS d
            ), held AS (
                UPDATE deferred SET due_at = 'infinity'
                WHERE ctid = ANY (ARRAY(SELECT tid FROM due WHERE policy = 'hold'))
            ), gone AS (
                DELETE FROM deferred WHERE ctid = ANY (ARRAY(SELECT tid FROM due WHERE policy <> 'hold'))
            ), promoted AS (
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT lane_id, priority, id, recipients FROM due WHERE policy = 'resend'
                ON CONFLICT DO NOTHING
                RETURNING lane_id, priority, id
            ), moved AS (
                UPDATE outbox SET
                    status = CASE WHEN outbox.status >= \(MessageStatus.sent.rank) THEN outbox.status
                                  WHEN due.policy = 'fail' THEN \(MessageStatus.failed.rank)
                                  ELSE \(MessageStatus.queued.rank) END,
                    updated_at = clock_timestamp()
                FROM (SELECT * FROM due ORDER BY id) AS due  -- in the order in which everybody locks rows
                WHERE due.policy IN ('resend', 'fail') AND outbox.id BETWEEN due.id AND last_of(due.id)
                  AND outbox.status <> \(MessageStatus.suppressed.rank)
                RETURNING outbox.tenant_id, outbox.id, outbox.status, outbox.claim_id, due.policy
            ), happened AS (
                SELECT tenant_id, id, \(EventType.failed.rawValue) || ':' || claim_id AS identity,
                       \(EventType.failed.rawValue) AS type, status,
                       jsonb_build_object('reason', 'the outcome stayed unknown') AS data
                FROM moved WHERE policy = 'fail' AND status = \(MessageStatus.failed.rank)
            ), \(EventRecord.record("happened"))
            SELECT lane_id, priority, count(*), (array_agg(id ORDER BY id))[1], NULL FROM promoted GROUP BY lane_id, priority
            UNION ALL
            \(DueMarks.reached(in: "due", key: "lane_id", time: "due_at", limit: perLane, priority: "NULL::smallint, "))
            """
    }
}
