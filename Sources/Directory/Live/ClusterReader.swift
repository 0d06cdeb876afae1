public import Postgres

/// Reads what the cluster does now, for people: nothing is decided by it.
public struct ClusterReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// What `account` does, share by share. The figures of a share are its own: those of its children are not in them.
    /// Of the lanes, the first 100,000 entries each are counted.
    public func figures(of account: Account) async throws -> AccountFigures {
        try await figures(of: account, countsBacklog: true)
    }

    /// - Parameter countsBacklog: false, for those who know what waits from elsewhere: then no share has any.
    public func figures(of account: Account, countsBacklog: Bool) async throws -> AccountFigures {
        let answers = try await pool.pipeline(
            [
                AccountStatements.head(account.id), AccountStatements.grants(account.id),
                AccountStatements.loans(account.id), AccountStatements.used(account.id),
            ] + (countsBacklog ? [AccountStatements.backlog(account.id)] : [])
        )
        var table = ShareTable(account)
        try table.addGrants(answers[1])
        try table.addLoans(answers[2])
        try table.addUse(answers[3])
        if countsBacklog { try table.addBacklog(answers[4]) }
        let head = answers[0].first
        return AccountFigures(
            rate: try head?["rate", as: Double?.self],
            leader: try head?["leader", as: String?.self],
            epoch: try head?["epoch", as: Int64?.self],
            parked: try head?["parked", as: String?.self],
            parkedDetail: try head?["detail", as: String?.self],
            ses: AccountFigures.SESFigures(
                isSandbox: try head?["sandbox", as: Bool?.self],
                isSendingEnabled: try head?["sending_enabled", as: Bool?.self],
                daily: try head?["daily", as: Int64?.self],
                used: try head?["used", as: Int64.self] ?? 0
            ),
            shares: table.figures
        )
    }

    /// The loan ledger, newest first.
    /// - Parameters:
    ///   - after: entries older than this one; `before`: the nearest that are newer.
    public func loans(accountID: Int32, limit: Int, after: Int64?, before: Int64?) async throws -> [LoanEntry] {
        // Towards newer entries the nearest come first, and are turned round below.
        let order: SQL = before == nil || after != nil ? "DESC" : "ASC"
        let rows = try await pool.query(
            """
            SELECT id, lender, borrower, credits, from_at, to_at FROM loan
            WHERE account_id = \(accountID) AND id < \(after ?? .max) AND id > \(before ?? -1)
            ORDER BY id \(order) LIMIT \(Int64(limit))
            """
        )
        return try rows.map { row in
            LoanEntry(
                id: try row["id", as: Int64.self],
                lender: try row["lender", as: String.self],
                borrower: try row["borrower", as: String.self],
                credits: try row["credits", as: Int.self],
                from: try row["from_at"],
                to: try row["to_at"]
            )
        }.sorted { $0.id > $1.id }
    }

    /// The lives that have a lease now, by name.
    public func nodes() async throws -> [NodeFigures] {
        let answers = try await pool.pipeline([NodeStatements.lives, NodeStatements.work])
        var work: [NodeStatements.Life: [NodeFigures.Work]] = [:]
        for row in answers[1] {
            let life = NodeStatements.Life(name: try row["node"], epoch: try row["node_epoch"])
            work[life, default: []].append(
                NodeFigures.Work(
                    account: try row["account"],
                    isLeader: try row["is_leader"],
                    isDraining: try row["draining"],
                    parked: try row["parked"],
                    granted: try row["granted"],
                    shares: try row["shares"]
                )
            )
        }
        return try answers[0].map { row in
            let life = NodeStatements.Life(name: try row["node"], epoch: try row["epoch"])
            return NodeFigures(
                name: life.name,
                epoch: life.epoch,
                roles: try row["roles"],
                startedAt: try row["started_at"],
                work: work[life] ?? []
            )
        }
    }
}
