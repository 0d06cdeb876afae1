import Capacity
import Outbox
import Postgres

/// What one worker reads and writes of the tables in which credits are granted: its own rows, and only those.
struct WorkerStore: Sendable {
    /// A reading of the worker's rows; all of it from one moment.
    struct Reading: Sendable {
        let version: Int64
        /// The quota in force, and the one without the use of others; nil while they are not known.
        let rate: Double?
        let quota: Double?
        let rows: [GrantRow]
        /// The account has other workers, and one of them stays.
        let hasCompany: Bool
        let hasSuccessor: Bool
    }

    let pool: PostgresPool
    let accountID: Int32
    let worker: Worker

    /// Enters the worker; returns false when its life is over.
    ///
    /// The lease is locked, so that this and the life's retirement come one after the other.
    func register() async throws -> Bool {
        try await pool.query(
            """
            WITH lease AS (
                SELECT FROM lease WHERE node = \(worker.node) AND epoch = \(worker.epoch) AND state = 'live' FOR SHARE
            )
            INSERT INTO worker (account_id, node, node_epoch)
            SELECT \(accountID), \(worker.node), \(worker.epoch) FROM lease
            ON CONFLICT (account_id, node, node_epoch) DO UPDATE SET draining = false
            RETURNING 1
            """
        ).count == 1
    }

    /// Reads the worker's grants; nil when the worker is not entered.
    func read() async throws -> Reading? {
        let rows = try await pool.query(
            """
            SELECT coalesce(leader.version, 0), leader.rate, leader.quota, others.known, others.staying,
                   g.share_id, g.granted, g.held, g.version, g.wanted
            FROM worker
            CROSS JOIN LATERAL (
                SELECT count(*) > 0 AS known, coalesce(bool_or(NOT other.draining), false) AS staying
                FROM worker AS other
                WHERE other.account_id = worker.account_id
                  AND (other.node, other.node_epoch) <> (worker.node, worker.node_epoch)
            ) AS others
            LEFT JOIN leader ON leader.account_id = worker.account_id
            LEFT JOIN credit_grant AS g ON g.account_id = worker.account_id AND g.node = worker.node
                                           AND g.node_epoch = worker.node_epoch
            WHERE worker.account_id = \(accountID) AND worker.node = \(worker.node)
              AND worker.node_epoch = \(worker.epoch)
            """
        )
        guard let first = rows.first else { return nil }
        return Reading(
            version: try first[0, as: Int64.self],
            rate: try first[1, as: Double?.self],
            quota: try first[2, as: Double?.self],
            rows: try rows.compactMap { row in
                guard let share = try row[5, as: Int32?.self] else { return nil }
                return GrantRow(
                    share: share,
                    worker: worker,
                    granted: try row[6, as: Int.self],
                    held: try row[7, as: Int.self],
                    version: try row[8, as: Int64.self],
                    wanted: try row[9, as: Int.self]
                )
            },
            hasCompany: try first[3, as: Bool.self],
            hasSuccessor: try first[4, as: Bool.self]
        )
    }

    /// Tells what the worker still has, and what it wants (`GrantRow.apply`). The rows are locked in the order of their key,
    /// as the leader does.
    ///
    /// - Parameter toldElsewhere: the account's leader may be on another node, which a NOTIFY wakes.
    func report(_ reports: [GrantReport], toldElsewhere: Bool) async throws {
        _ = try await pool.query(
            """
            WITH report AS (
                SELECT * FROM unnest(\(reports.map(\.share)), \(reports.map { Int32($0.held) }),
                                     \(reports.map(\.version)), \(reports.map { Int32($0.wanted) }))
                    AS r (share_id, held, version, wanted)
            ), mine AS MATERIALIZED (
                SELECT credit_grant.share_id FROM credit_grant
                WHERE account_id = \(accountID) AND share_id = ANY (\(reports.map(\.share))) AND node = \(worker.node)
                  AND node_epoch = \(worker.epoch)
                ORDER BY account_id, share_id, node, node_epoch FOR UPDATE
            ), told AS (
                UPDATE credit_grant SET
                    held = CASE WHEN credit_grant.version = report.version
                                THEN least(credit_grant.held, greatest(report.held, credit_grant.granted))
                                ELSE credit_grant.held END,
                    wanted = report.wanted
                FROM report JOIN mine ON mine.share_id = report.share_id
                WHERE credit_grant.account_id = \(accountID) AND credit_grant.share_id = report.share_id
                  AND credit_grant.node = \(worker.node) AND credit_grant.node_epoch = \(worker.epoch)
            )
            SELECT 1
            """
        )
        if toldElsewhere { try await tellLeader() }
    }

    private func tellLeader() async throws {
        for statement in Hint.reports(account: accountID).statements { _ = try await pool.query(statement) }
    }

    /// Says why nothing is sent, or (nil) that it is, and how many calls SES has refused for the account's rate.
    func write(park: AccountPark?, detail: String, throttled: Int64, toldElsewhere: Bool) async throws {
        _ = try await pool.query(
            """
            UPDATE worker SET
                parked = \(park?.rawValue), parked_detail = \(park == nil ? nil : detail), throttled = \(throttled),
                parked_since = CASE WHEN \(park == nil) THEN NULL
                                    WHEN worker.parked IS NOT DISTINCT FROM \(park?.rawValue) THEN parked_since
                                    ELSE now() END
            WHERE account_id = \(accountID) AND node = \(worker.node) AND node_epoch = \(worker.epoch)
            """
        )
        if toldElsewhere { try await tellLeader() }
    }

    /// Asks the leader to move the worker's credits elsewhere, or says that it may have some again. False: there is no such
    /// worker yet.
    func setDraining(_ isDraining: Bool) async throws -> Bool {
        let rows = try await pool.query(
            """
            UPDATE worker SET draining = \(isDraining)
            WHERE account_id = \(accountID) AND node = \(worker.node) AND node_epoch = \(worker.epoch) RETURNING node
            """
        )
        try await tellLeader()
        return !rows.isEmpty
    }
}
