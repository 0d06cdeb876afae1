import Capacity
import Postgres

/// The tables in which an account's credits are granted: `leader`, `worker`, `credit_grant`, `loan`.
///
/// Every change is made under the lock of the account's row in `leader`, at the epoch of the one who makes it, and on the
/// rows as they are then (docs/credits.md). What `GrantRow` does in memory, these statements do in the tables.
struct GrantStore: Sendable {
    /// A leader finds that there is another by now.
    struct Deposed: Error {}

    /// All that a plan is made of.
    struct Sight: Sendable {
        var rows: [GrantRow]
        var workers: [WorkerState]
        /// Of the present rate and quota in the account's row.
        var rate: Double?
        var quota: Double?
        /// The timeline on which the account's grants are in order; nil when the account has no row.
        var timeline: Int64?
    }

    struct WorkerState: Sendable {
        let worker: Worker
        let isDraining: Bool
        /// It has been unable to send for a while, for a reason that may be its own and not the account's.
        let isParked: Bool
        let throttled: Int64
        /// Of its lease: `live`, `released` or `retired`; nil when there is none.
        let lease: String?
    }

    let pool: PostgresPool
    let accountID: Int32
    /// How long each end of a change may take: on a server that stands still a leader must not hang.
    var patience = LeaseTiming().trust * 2

    /// Reads without a lock: whether there is anything to do.
    func look() async throws -> Sight {
        let answers = try await pool.pipeline([head, workers, rows(locked: false)])
        return try sight(answers)
    }

    private var head: SQL { "SELECT rate, quota, timeline FROM leader WHERE account_id = \(accountID)" }

    private var workers: SQL {
        """
        SELECT worker.node, worker.node_epoch, draining,
               coalesce(parked IN ('unreachable', 'credentials') AND parked_since < now() - interval '2 seconds', false),
               throttled, lease.state
        FROM worker LEFT JOIN lease ON lease.node = worker.node AND lease.epoch = worker.node_epoch
        WHERE account_id = \(accountID)
        """
    }

    /// Locked in the order of the key, as the workers' reports do.
    private func rows(locked: Bool) -> SQL {
        let rows: SQL = """
            SELECT share_id, node, node_epoch, granted, held, version, wanted FROM credit_grant
            WHERE account_id = \(accountID) ORDER BY account_id, share_id, node, node_epoch
            """
        return locked ? "\(rows) FOR UPDATE" : rows
    }

    private func sight(_ answers: [Rows]) throws -> Sight {
        let head = try answers[0].decode(Double?.self, Double?.self, Int64.self).first
        return Sight(
            rows: try answers[2].decode(
                Int32.self,
                String.self,
                Int64.self,
                Int.self,
                Int.self,
                Int64.self,
                Int.self
            ).map {
                GrantRow(
                    share: $0.0,
                    worker: Worker(node: $0.1, epoch: $0.2),
                    granted: $0.3,
                    held: $0.4,
                    version: $0.5,
                    wanted: $0.6
                )
            },
            workers: try answers[1].decode(String.self, Int64.self, Bool.self, Bool.self, Int64.self, String?.self).map
            {
                WorkerState(
                    worker: Worker(node: $0.0, epoch: $0.1),
                    isDraining: $0.2,
                    isParked: $0.3,
                    throttled: $0.4,
                    lease: $0.5
                )
            },
            rate: head?.0,
            quota: head?.1,
            timeline: head?.2
        )
    }

    /// What a leader writes at once.
    struct Writing: Sendable {
        var plan: GrantPlan
        var quota: Double
        var loans: LoanBook.Changes
        /// Workers that are gone and hold nothing warm.
        var buried: [Worker] = []
    }

    /// Locks the account at `epoch`, reads it, and writes what `decide` makes of that; all of it, or nothing.
    ///
    /// - Parameter timeline: of the database in this term, which is the account's afterwards.
    /// - Returns: what was written; nil when there was nothing to write after all.
    /// - Throws: `Deposed` when the account's epoch is another one, or the database's timeline.
    func change(
        epoch: Int64,
        timeline: Int64,
        _ decide: @Sendable (Sight) -> Writing?
    ) async throws -> Writing? {
        try await pool.withTransaction(timeout: patience) { connection in
            let version = try await connection.query(
                """
                SELECT version FROM leader
                WHERE account_id = \(accountID) AND epoch = \(epoch) AND \(Timeline.current) = \(timeline) FOR UPDATE
                """
            ).decode(Int64.self).first
            guard let version else { throw Deposed() }
            // A leader that is frozen here must not hold the workers up.
            _ = try await connection.query("SET LOCAL idle_in_transaction_session_timeout = '1s'")
            var answers: [Rows] = []
            for statement in [head, workers, rows(locked: true)] {
                answers.append(try await connection.query(statement))
            }
            guard let writing = decide(try sight(answers)) else { return nil }
            for statement in statements(writing, version: version + 1, timeline: timeline) {
                _ = try await connection.query(statement)
            }
            return writing
        }
    }

    private func statements(_ writing: Writing, version: Int64, timeline: Int64) -> [SQL] {
        let changes = writing.plan.changes
        let removals = writing.plan.removals
        var statements: [SQL] = [
            """
            WITH change AS (
                SELECT * FROM unnest(\(changes.map(\.share)), \(changes.map(\.worker.node)),
                                     \(changes.map(\.worker.epoch)), \(changes.map { Int32($0.granted) }))
                    AS c (share_id, node, node_epoch, granted)
            ), made AS (
                INSERT INTO credit_grant (account_id, share_id, node, node_epoch, granted, held, version)
                SELECT \(accountID), share_id, node, node_epoch, granted, granted, \(version) FROM change
                ON CONFLICT (account_id, share_id, node, node_epoch) DO UPDATE SET
                    granted = excluded.granted, held = greatest(credit_grant.held, excluded.granted),
                    version = excluded.version
            ), removed AS (
                DELETE FROM credit_grant USING
                    unnest(\(removals.map(\.share)), \(removals.map(\.worker.node)), \(removals.map(\.worker.epoch)))
                        AS r (share_id, node, node_epoch)
                WHERE account_id = \(accountID) AND credit_grant.share_id = r.share_id
                  AND credit_grant.node = r.node AND credit_grant.node_epoch = r.node_epoch
                  AND granted = 0 AND held = 0
            ), buried AS (
                DELETE FROM worker USING
                    unnest(\(writing.buried.map(\.node)), \(writing.buried.map(\.epoch))) AS b (node, node_epoch)
                WHERE account_id = \(accountID) AND worker.node = b.node AND worker.node_epoch = b.node_epoch
            )
            UPDATE leader SET
                version = \(version), rate = \(writing.plan.rate), quota = \(writing.quota), timeline = \(timeline)
            WHERE account_id = \(accountID)
            """
        ]
        if !writing.loans.isEmpty { statements.append(contentsOf: ledger(writing.loans)) }
        return statements + Hint.grants(account: accountID).statements
    }

    private func ledger(_ loans: LoanBook.Changes) -> [SQL] {
        [
            """
            UPDATE loan SET to_at = clock_timestamp()
            FROM unnest(\(loans.ended.map(\.lender)), \(loans.ended.map(\.borrower))) AS e (lender, borrower)
            WHERE account_id = \(accountID) AND loan.lender = e.lender AND loan.borrower = e.borrower AND to_at IS NULL
            """,
            """
            INSERT INTO loan (account_id, lender, borrower, credits)
            SELECT \(accountID), lender, borrower, credits
            FROM unnest(\(loans.begun.map(\.lender)), \(loans.begun.map(\.borrower)),
                        \(loans.begun.map { Int32($0.credits) })) AS b (lender, borrower, credits)
            ON CONFLICT (account_id, lender, borrower) WHERE to_at IS NULL DO UPDATE SET credits = excluded.credits
            """,
        ]
    }

    /// The loans that stand in the ledger.
    func openLoans() async throws -> [LoanBook.Loan] {
        try await pool.query(
            "SELECT lender, borrower, credits FROM loan WHERE account_id = \(accountID) AND to_at IS NULL ORDER BY id"
        ).decode(String.self, String.self, Int.self).map { LoanBook.Loan(lender: $0.0, borrower: $0.1, credits: $0.2) }
    }

    /// Forgets loans that ended long ago, a bounded number at once; returns whether there may be more.
    func pruneLoans() async throws -> Bool {
        try await pool.query(
            """
            DELETE FROM loan WHERE id IN (
                SELECT id FROM loan WHERE account_id = \(accountID) AND from_at < now() - interval '100 days'
                  AND to_at < now() - interval '90 days' ORDER BY from_at LIMIT 5000)
            RETURNING 1
            """
        ).count == 5000
    }
}
