import Mail
public import Postgres
public import Sealing

/// Takes entries out of the queues for a node. The claim is committed before any of its bytes can go out.
public struct Claimer: Sendable {
    let pool: PostgresPool
    let accountID: Int32
    let node: String
    let epoch: Int64
    let marks: QueueMarks
    let seal: MailSeal

    /// - Parameters:
    ///   - marks: the node's.
    ///   - vault: opens what is sealed.
    public init(
        pool: PostgresPool,
        accountID: Int32,
        node: String,
        epoch: Int64,
        marks: QueueMarks = QueueMarks(),
        vault: Vault? = nil
    ) {
        self.pool = pool
        self.accountID = accountID
        self.node = node
        self.epoch = epoch
        self.marks = marks
        seal = MailSeal(vault: vault)
    }

    /// Claims from all wanted queues in one statement; nothing when this life of the node has been retired.
    ///
    /// `ctid = ANY (ARRAY(...))` keeps the delete on a Tid Scan; joined to `pick` it would scan the table (a test holds
    /// the plan). The rows are locked by the same statement and never updated, so their ctid stays.
    public func claim(_ wants: [ClaimWant]) async throws -> Claimed {
        // It would only put it back, again and again before others get it.
        if seal.vault?.isBlind ?? false { return Claimed(id: nil, answers: wants.map { _ in Claimed.Answer() }) }
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
}
