import Postgres

/// The statements behind `NodeFigures`.
enum NodeStatements {
    struct Life: Hashable {
        let name: String
        let epoch: Int64
    }

    static let lives: SQL = "SELECT node, epoch, roles, started_at FROM lease WHERE state = 'live' ORDER BY node, epoch"

    static let work: SQL = """
        SELECT worker.node, worker.node_epoch, account.name AS account, worker.draining, worker.parked,
               leader.account_id IS NOT NULL AS is_leader, placed.granted, placed.shares
        FROM worker
        JOIN lease ON lease.node = worker.node AND lease.epoch = worker.node_epoch AND lease.state = 'live'
        JOIN account ON account.id = worker.account_id
        LEFT JOIN leader ON leader.account_id = worker.account_id AND leader.node = worker.node
            AND leader.node_epoch = worker.node_epoch
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(g.granted), 0)::bigint AS granted,
                   coalesce(array_agg(share.path ORDER BY share.path)
                            FILTER (WHERE share.path IS NOT NULL AND (g.held > 0 OR g.wanted > 0)), '{}') AS shares
            FROM credit_grant AS g LEFT JOIN share ON share.id = g.share_id
            WHERE g.account_id = worker.account_id AND g.node = worker.node AND g.node_epoch = worker.node_epoch
        ) AS placed
        ORDER BY account.name
        """
}
