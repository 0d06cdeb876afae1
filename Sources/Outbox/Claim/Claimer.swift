public import Mail
public import Postgres

/// Takes entries out of the queues for a node. The claim is committed before any of its bytes can go out.
public struct Claimer: Sendable {
    let pool: PostgresPool
    let accountID: Int32
    let node: String
    let epoch: Int64
    let marks: QueueMarks

    /// - Parameter marks: the node's.
    public init(pool: PostgresPool, accountID: Int32, node: String, epoch: Int64, marks: QueueMarks = QueueMarks()) {
        self.pool = pool
        self.accountID = accountID
        self.node = node
        self.epoch = epoch
        self.marks = marks
    }

    /// Claims from all wanted queues in one statement; nothing when this life of the node has been retired.
    ///
    /// `ctid = ANY (ARRAY(...))` keeps the delete on a Tid Scan; joined to `pick` it would scan the table (a test holds
    /// the plan). The rows are locked by the same statement and never updated, so their ctid stays.
    public func claim(_ wants: [ClaimWant]) async throws -> Claimed {
        let start = marks.begin(wants.map { QueueMarks.Queue(laneID: $0.laneID, priority: $0.priority) })
        do {
            let claimed = try await claim(wants, from: start.firsts)
            marks.end(start, last: claimed.answers.map { $0.entries.last?.id.uuid })
            return claimed
        } catch {
            marks.abandon(start)
            throw error
        }
    }

    private func claim(_ wants: [ClaimWant], from firsts: [PostgresUUID]) async throws -> Claimed {
        let rows = try await pool.query(statement(wants, from: firsts))
        var claimed = Claimed(id: nil, answers: wants.map { _ in Claimed.Answer() })
        for (order, id, recipients, isTaken, claimID) in try rows.decode(
            Int.self,
            PostgresUUID.self,
            Int.self,
            Bool.self,
            Int64?.self
        ) {
            claimed.id = claimID
            let index = order - 1
            guard claimed.answers.indices.contains(index), let entry = EntryID(id) else { continue }
            if isTaken {
                claimed.answers[index].entries.append(Claimed.Entry(id: entry, recipients: recipients))
            } else if claimed.answers[index].blockedBy == nil {
                claimed.answers[index].blockedBy = recipients
            }
        }
        return claimed
    }

    /// The statement of `claim`; for the test of its plan.
    ///
    /// - Parameter firsts: the ids from which on the queues are read.
    package func statement(_ wants: [ClaimWant], from firsts: [PostgresUUID]) -> SQL {
        """
        WITH want AS (
            SELECT * FROM unnest(\(wants.map(\.laneID)), \(wants.map(\.priority.rawValue)),
                                 \(wants.map { Int32($0.takesOversized ? 1 : $0.recipients) }),
                                 \(wants.map { $0.takesOversized ? Int32.max : Int32($0.recipients) }), \(firsts))
                          WITH ORDINALITY AS w (lane_id, priority, row_limit, recipient_limit, first, place)
        ), own AS MATERIALIZED (
            SELECT FROM lease WHERE node = \(node) AND epoch = \(epoch) AND state = 'live'
        ), pick AS MATERIALIZED (
            SELECT want.place, want.recipient_limit, r.tid, r.id, r.recipients,
                   sum(r.recipients) OVER (PARTITION BY want.place ORDER BY r.id) AS running
            FROM own CROSS JOIN want CROSS JOIN LATERAL (
                SELECT ctid AS tid, id, recipients FROM ready
                WHERE lane_id = want.lane_id AND priority = want.priority AND id >= want.first
                ORDER BY lane_id, priority, id LIMIT want.row_limit FOR UPDATE SKIP LOCKED
            ) AS r
        ), gone AS (
            DELETE FROM ready
            WHERE ctid = ANY (ARRAY(SELECT tid FROM pick WHERE running <= recipient_limit)) RETURNING id
        ), made AS (
            INSERT INTO claim (account_id, node, epoch, entries)
            SELECT \(accountID), \(node), \(epoch), array_agg(id) FROM gone HAVING count(*) > 0 RETURNING id
        )
        SELECT place, id, recipients, running <= recipient_limit, (SELECT id FROM made) AS claim_id FROM pick
        ORDER BY place, id
        """
    }

    /// Reads what is needed to send claimed entries, in their order. Entries whose message is gone are left out, and so are
    /// recipients that were suppressed before. An entry some of whose recipients are suppressed by now, or turned out to have
    /// been sent to, comes as a call for each kind.
    public func load(_ entries: [EntryID], claimID: Int64) async throws -> [ClaimedCall] {
        let rows = try await pool.query(
            """
            SELECT e.place, e.id, message.lane_id, message.priority, message.sender, message.size,
                   coalesce(message.expires_at <= now(), false), outbox.id, outbox.email, outbox.kind, outbox.attempt,
                   CASE WHEN outbox.status >= \(MessageStatus.sent.rank) THEN \(Kind.superseded.rawValue)
                        WHEN EXISTS (SELECT FROM suppression
                                     WHERE suppression.tenant_id = outbox.tenant_id
                                       AND suppression.email = lower(outbox.email)) THEN \(Kind.suppressed.rawValue)
                        ELSE \(Kind.wanted.rawValue) END
            FROM unnest(\(entries.map(\.uuid))) WITH ORDINALITY AS e (id, place)
            JOIN message ON message.id = message_of(e.id)
            JOIN outbox ON outbox.id BETWEEN e.id AND last_of(e.id)
            WHERE outbox.status <> \(MessageStatus.suppressed.rank)
            ORDER BY e.place, 12, outbox.id
            """
        )
        var calls: [ClaimedCall] = []
        var open: (place: Int, kind: Kind, head: Row, rows: [ClaimedCall.Row])?
        func close() throws {
            guard let current = open, let entry = EntryID(try current.head[1, as: PostgresUUID.self]) else { return }
            calls.append(
                ClaimedCall(
                    claimID: claimID,
                    entry: entry,
                    laneID: try current.head[2, as: Int32.self],
                    priority: Priority(rawValue: try current.head[3, as: Int16.self]) ?? .normal,
                    rows: current.rows,
                    sender: try current.head[4, as: String.self],
                    size: try current.head[5, as: Int.self],
                    isExpired: try current.head[6, as: Bool.self],
                    isSuperseded: current.kind == .superseded,
                    isSuppressed: current.kind == .suppressed
                )
            )
        }
        for row in rows {
            let place = try row[0, as: Int.self]
            let kind = Kind(rawValue: try row[11, as: Int32.self]) ?? .wanted
            if open?.place != place || open?.kind != kind {
                try close()
                open = (place, kind, row, [])
            }
            let uuid = try row[7, as: PostgresUUID.self]
            guard let id = OutboxID(high: uuid.high, low: uuid.low) else { continue }
            open?.rows.append(
                ClaimedCall.Row(
                    id: id,
                    email: try row[8, as: String.self],
                    kind: RecipientKind(rawValue: try row[9, as: String.self]) ?? .to,
                    attempt: try row[10, as: Int16.self]
                )
            )
        }
        try close()
        return calls
    }

    /// What is to be done with a claimed row.
    private enum Kind: Int32 {
        case wanted = 0
        case suppressed = 1
        case superseded = 2
    }

    /// The contents of messages, each read once. A content that has been dropped is missing from the answer.
    public func contents(of messages: [MessageID]) async throws -> [MessageID: StoredContent] {
        let rows = try await pool.query(
            """
            SELECT m.id, kept.kind, kept.content
            FROM unnest(\(messages.map(\.uuid))) AS m (id) CROSS JOIN LATERAL (
                SELECT kind, content FROM body WHERE body.id = m.id
                UNION ALL
                SELECT kind, content FROM body_kept WHERE body_kept.id = m.id LIMIT 1
            ) AS kept
            """
        )
        var contents: [MessageID: StoredContent] = [:]
        for (uuid, kind, bytes) in try rows.decode(PostgresUUID.self, Int16.self, [UInt8].self) {
            guard let id = MessageID(high: uuid.high, low: uuid.low), let kind = StoredContent.Kind(rawValue: kind)
            else { continue }
            contents[id] = StoredContent(kind: kind, bytes: bytes)
        }
        return contents
    }
}
