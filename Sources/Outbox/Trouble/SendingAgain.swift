public import Mail
public import Postgres

/// Puts recipients back into the queue that their mail has failed for, and those whose unknown outcome is held for a decision.
///
/// A failed row has no queue entry: who makes one owns it. Both happen under the lock of the row, and only while it is failed, so
/// that two people who ask at once send once. Of a held one the entry is moved, as promotion does it. Evidence stands above
/// both: what SES turns out to have is not sent again.
public struct SendingAgain: Sendable {
    /// Recipients of one call.
    public static let most = 100

    /// Why one is not sent again. The raw values are the API's.
    public enum Refusal: String, CaseIterable, Sendable {
        case unknownRecipient = "not_found"
        /// It has neither failed nor is it held.
        case notFailed = "not_failed"
        /// Its outcome may still become known.
        case undecided
        case suppressed
        case erased
        /// What was written is not kept any more.
        case bodyGone = "body_gone"
        /// Its time to be sent is over.
        case expired
        /// Its account was removed, and the queue with it.
        case noLane = "no_lane"
        /// Mail of a test key.
        case test
    }

    /// What became of each.
    public struct Answer: Sendable {
        public let queued: [OutboxID]
        public let refused: [OutboxID: Refusal]
        /// Where they wait now.
        public let signs: [QueueSign]

        public init(queued: [OutboxID], refused: [OutboxID: Refusal], signs: [QueueSign] = []) {
            self.queued = queued
            self.refused = refused
            self.signs = signs
        }
    }

    /// The statement that notes for the audit how many recipients of a tenant somebody has sent again.
    public typealias Note = @Sendable (_ tenantID: Int32, _ recipients: Int, _ actor: String) -> SQL

    private let pool: PostgresPool
    private let note: Note
    private let onQueued: @Sendable ([QueueSign]) -> Void

    /// - Parameters:
    ///   - note: run in the transaction.
    ///   - onQueued: called after the commit with the queues that got rows.
    public init(
        pool: PostgresPool,
        note: @escaping Note,
        onQueued: @escaping @Sendable ([QueueSign]) -> Void = { _ in }
    ) {
        self.pool = pool
        self.note = note
        self.onQueued = onQueued
    }

    /// Audited in the same transaction, for each tenant once, by numbers and never by addresses.
    ///
    /// - Parameter ids: at most ``most``.
    public func send(_ ids: [OutboxID], actor: String) async throws -> Answer {
        let ids = Set(ids).sorted()
        let answer = try await pool.withTransaction { connection in
            var refused: [OutboxID: Refusal] = [:]
            var wanted: [PostgresUUID] = []
            let found = try await connection.query(Self.look(ids.map(\.uuid)))
                .decode(PostgresUUID.self, String?.self)
            let refusals = Dictionary(found.map { ($0.0, $0.1) }) { first, _ in first }
            for id in ids {
                guard let refusal = refusals[id.uuid] else {
                    refused[id] = .unknownRecipient
                    continue
                }
                guard let refusal else {
                    wanted.append(id.uuid)
                    continue
                }
                refused[id] = Refusal(rawValue: refusal) ?? .notFailed
            }
            guard !wanted.isEmpty else { return Answer(queued: [], refused: refused) }
            let rows = try await connection.query(Self.requeue(wanted))
                .decode(PostgresUUID.self, Int32.self, Int16.self, Int32.self)
            let queued = rows.compactMap { OutboxID(high: $0.0.high, low: $0.0.low) }
            for (tenantID, count) in Dictionary(grouping: rows, by: \.3).mapValues(\.count).sorted(by: {
                $0.key < $1.key
            }) {
                _ = try await connection.query(note(tenantID, count, actor))
            }
            return Answer(queued: queued, refused: refused, signs: Self.signs(rows))
        }
        if !answer.signs.isEmpty { onQueued(answer.signs) }
        return answer
    }

    /// Locks the rows, queue entries first, as everybody does; (id, why not).
    private static func look(_ ids: [PostgresUUID]) -> SQL {
        """
        WITH r AS MATERIALIZED (
            SELECT id, message_of(id) AS message_id FROM unnest(\(ids)) AS r (id)
        ), entry AS MATERIALIZED (
            SELECT deferred.id, deferred.due_at, deferred.reason FROM deferred
            WHERE deferred.id = ANY (ARRAY(SELECT id FROM r UNION SELECT message_id FROM r)) ORDER BY deferred.id FOR UPDATE
        ), o AS MATERIALIZED (
            SELECT outbox.id, outbox.tenant_id, outbox.email, outbox.status FROM outbox
            WHERE outbox.id = ANY (ARRAY(SELECT id FROM r))
              -- Always true, and known only when every entry is locked: a table expression runs when it is first asked.
              AND (SELECT count(*) FROM entry) >= 0
            ORDER BY outbox.id FOR UPDATE
        )
        SELECT o.id, CASE
            WHEN m.test THEN 'test'
            WHEN o.status = \(MessageStatus.unknown.rank) AND NOT h.held THEN 'undecided'
            WHEN o.status NOT IN (\(MessageStatus.failed.rank), \(MessageStatus.unknown.rank)) OR h.waits AND NOT h.held
                THEN 'not_failed'
            WHEN is_pseudonym(o.email) THEN 'erased'
            WHEN EXISTS (SELECT FROM suppression AS s WHERE s.tenant_id = o.tenant_id AND s.email = lower(o.email)
                             AND s.stream IN ('', m.stream)) THEN 'suppressed'
            WHEN m.expires_at <= now() THEN 'expired'
            WHEN NOT EXISTS (SELECT FROM lane WHERE lane.id = m.lane_id) THEN 'no_lane'
            WHEN NOT EXISTS (SELECT FROM body WHERE body.id = m.id)
                 AND NOT EXISTS (SELECT FROM body_kept WHERE body_kept.id = m.id) THEN 'body_gone'
            END
        FROM o JOIN message AS m ON m.id = message_of(o.id) AND m.tenant_id = o.tenant_id
        CROSS JOIN LATERAL (
            SELECT EXISTS (SELECT FROM entry WHERE entry.id IN (o.id, m.id)) AS waits,
                   EXISTS (SELECT FROM entry WHERE entry.id IN (o.id, m.id) AND entry.due_at = 'infinity'
                               AND entry.reason IN \(DeferredReason.inDoubt)) AS held
        ) AS h
        """
    }

    /// A held entry is put where promotion would; of a call to several that is all of them. (id, lane, priority, tenant) of what
    /// is queued now.
    private static func requeue(_ ids: [PostgresUUID]) -> SQL {
        """
        WITH r AS MATERIALIZED (
            SELECT r.id, message.id AS message_id, message.lane_id, message.priority
            FROM unnest(\(ids)) AS r (id) JOIN message ON message.id = message_of(r.id)
        ), released AS (
            DELETE FROM deferred WHERE deferred.id = ANY (ARRAY(SELECT id FROM r UNION SELECT message_id FROM r))
                AND deferred.due_at = 'infinity' AND deferred.reason IN \(DeferredReason.inDoubt)
            RETURNING deferred.lane_id, deferred.priority, deferred.id, deferred.recipients
        ), again AS MATERIALIZED (
            SELECT lane_id, priority, id, recipients, last_of(id) AS last_id FROM released
            UNION ALL
            SELECT r.lane_id, r.priority, r.id, 1::smallint, r.id FROM r
            WHERE NOT EXISTS (SELECT FROM released WHERE released.id IN (r.id, r.message_id))
        ), moved AS (
            UPDATE outbox SET status = \(MessageStatus.queued.rank), updated_at = clock_timestamp()
            FROM (SELECT * FROM again ORDER BY id) AS again
            WHERE outbox.id BETWEEN again.id AND again.last_id
              AND outbox.status IN (\(MessageStatus.failed.rank), \(MessageStatus.unknown.rank))
            RETURNING outbox.tenant_id, outbox.id, outbox.status, outbox.attempt, outbox.claim_id, again.id AS entry,
                      again.lane_id, again.priority
        ), ready_again AS (
            INSERT INTO ready (lane_id, priority, id, recipients)
            SELECT again.lane_id, again.priority, again.id, again.recipients FROM again
            WHERE again.id IN (SELECT entry FROM moved)
            ON CONFLICT DO NOTHING
        ), happened AS (
            -- Under a name of its own: it was accepted once, and is counted so.
            SELECT tenant_id, id, 'again:' || coalesce(claim_id, 0) AS identity, \(EventType.queued.rawValue) AS type, status,
                   jsonb_build_object('attempt', attempt, 'reason', 'sent again by the operator') AS data
            FROM moved
        ), \(EventRecord.record("happened"))
        SELECT id, lane_id, priority, tenant_id FROM moved
        """
    }

    private static func signs(_ rows: [(PostgresUUID, Int32, Int16, Int32)]) -> [QueueSign] {
        struct Queue: Hashable {
            let lane: Int32
            let priority: Int16
        }
        return Dictionary(grouping: rows) { Queue(lane: $0.1, priority: $0.2) }.compactMap { queue, rows in
            Priority(rawValue: queue.priority).map {
                QueueSign(laneID: queue.lane, priority: $0, rows: .more(rows.count), first: rows.map(\.0).min())
            }
        }
    }
}
