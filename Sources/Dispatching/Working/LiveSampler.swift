import Capacity
import Directory
import Postgres

/// Writes what this node does for an account second by second, while somebody looks.
struct LiveSampler: Sendable {
    private static let tidyEvery: Int64 = 20

    let pool: PostgresPool
    let accountID: Int32
    let worker: Worker

    /// Kept by the database's clock: the node's may have been set since it counts its seconds.
    ///
    /// - Parameters:
    ///   - second: as the node counts them, since 1970; it has just ended.
    ///   - now: the same clock's time, in seconds.
    ///   - used: recipients whose calls began in it, by share.
    ///   - credits: as they are now.
    func write(_ second: Int64, now: Double, used: [Int32: Int], credits: [AccountScheduler.Credits]) async throws {
        let held = Dictionary(credits.map { ($0.share, $0) }) { first, _ in first }
        let shares = Set(held.keys).union(used.keys).sorted()
        func numbers(_ value: (AccountScheduler.Credits) -> Int) -> [Int32] {
            shares.map { held[$0].map { Int32(clamping: value($0)) } ?? 0 }
        }
        _ = try await pool.query(
            """
            INSERT INTO live_sample (account_id, second, node, node_epoch, share_ids, used, free, in_use, cooling)
            VALUES (\(accountID),
                    to_timestamp(\(Double(second)) + round(extract(epoch FROM clock_timestamp())::float8 - \(now))),
                    \(worker.node), \(worker.epoch), \(shares),
                    \(shares.map { Int32(clamping: used[$0] ?? 0) }), \(numbers(\.free)), \(numbers(\.inUse)),
                    \(numbers(\.cooling)))
            ON CONFLICT DO NOTHING
            """
        )
        if second % Self.tidyEvery == 0 { try await tidy() }
    }

    /// Removes what is too old for anybody, of this account: a few rows.
    private func tidy() async throws {
        _ = try await pool.query(
            """
            DELETE FROM live_sample WHERE account_id = \(accountID)
                AND second < now() - make_interval(secs => \(LiveWatch.kept / .seconds(1)))
            """
        )
    }
}
