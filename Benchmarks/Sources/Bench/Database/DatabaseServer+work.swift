import Measure

extension DatabaseServer {
    /// What the server has written so far. A backend reports its counts about once a second, so wait a little before.
    func work(_ database: String) async throws -> DatabaseWork {
        let rows = try await query(
            """
            SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
                   (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
                   sum(n_tup_upd + n_tup_del)::bigint, sum(n_tup_upd)::bigint, sum(n_tup_hot_upd)::bigint
            FROM pg_stat_user_tables;
            """,
            database: database
        )
        let counts = rows.first?.split(separator: "|").compactMap { Int($0) } ?? []
        guard counts.count == 5 else { throw Failure("PostgreSQL's statistics have an unknown form: \(rows)") }
        return DatabaseWork(
            walBytes: counts[0],
            commits: counts[1],
            deadRows: counts[2],
            updates: counts[3],
            hotUpdates: counts[4]
        )
    }
}
