public import Postgres

public import struct Foundation.Date

/// Reads what an account does second by second, for people who look at it just now.
public struct LiveReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Tells the nodes that somebody looks; holds for ``LiveWatch/lease``.
    public func watch(accountID: Int32) async throws {
        _ = try await pool.query("SELECT pg_notify(\(LiveWatch.channel), \(String(accountID)))")
    }

    /// What nodes have said of the last seconds, in order; the very last one may lack nodes that have not spoken yet.
    ///
    /// - Parameters:
    ///   - count: how many seconds back.
    ///   - second: only those behind this one.
    /// - Returns: the seconds, and the database's time, by whose clock they are.
    public func seconds(accountID: Int32, last count: Int, after second: Int64?) async throws
        -> (now: Date, seconds: [LiveSecond])
    {
        let answers = try await pool.pipeline([
            "SELECT clock_timestamp()",
            """
            SELECT extract(epoch FROM second)::bigint, share_ids, used, free, in_use, cooling FROM live_sample
            WHERE account_id = \(accountID) AND second > now() - make_interval(secs => \(Double(count)))
              AND second > to_timestamp(\(Double(second ?? 0))) ORDER BY second
            """,
        ])
        let now = try answers[0].decode(Date.self).first ?? Date(timeIntervalSince1970: 0)
        let rows = try answers[1].decode(
            Int64.self,
            [Int32].self,
            [Int32].self,
            [Int32].self,
            [Int32].self,
            [Int32].self
        )
        var seconds: [LiveSecond] = []
        for (second, shares, used, free, inUse, cooling) in rows {
            if seconds.last?.second != second { seconds.append(LiveSecond(second: second)) }
            for (index, share) in shares.enumerated()
            where index < min(used.count, free.count, inUse.count, cooling.count) {
                seconds[seconds.count - 1].shares[share, default: .init()] += LiveSecond.Credits(
                    used: Int(used[index]),
                    free: Int(free[index]),
                    inUse: Int(inUse[index]),
                    cooling: Int(cooling[index])
                )
            }
        }
        return (now, seconds)
    }

    /// Recipients by second and share before anybody looked, from the log of calls: of those that were answered, by when they
    /// began.
    ///
    /// - Parameter count: how many seconds back.
    public func log(accountID: Int32, last count: Int) async throws -> [LiveSecond] {
        let rows = try await pool.query(
            """
            SELECT floor(extract(epoch FROM at) - (answered_ns - started_ns) / 1e9)::bigint, share_id, sum(recipients)::bigint
            FROM send_log WHERE account_id = \(accountID) AND at > now() - make_interval(secs => \(Double(count)))
            GROUP BY 1, 2 ORDER BY 1
            """
        ).decode(Int64.self, Int32.self, Int.self)
        var seconds: [LiveSecond] = []
        for (second, share, used) in rows {
            if seconds.last?.second != second { seconds.append(LiveSecond(second: second)) }
            seconds[seconds.count - 1].shares[share] = LiveSecond.Credits(used: used)
        }
        return seconds
    }

    /// The loans that last, the largest first.
    public func openLoans(accountID: Int32, limit: Int) async throws -> [LoanEntry] {
        try await pool.query(
            """
            SELECT id, lender, borrower, credits, from_at, to_at FROM loan
            WHERE account_id = \(accountID) AND to_at IS NULL ORDER BY credits DESC, id LIMIT \(Int64(limit))
            """
        ).map { row in
            LoanEntry(
                id: try row["id", as: Int64.self],
                lender: try row["lender", as: String.self],
                borrower: try row["borrower", as: String.self],
                credits: try row["credits", as: Int.self],
                from: try row["from_at"],
                to: try row["to_at"]
            )
        }
    }
}
