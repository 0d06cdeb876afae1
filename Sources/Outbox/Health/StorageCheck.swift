public import Postgres

/// Looks for what keeps the storage from staying healthy. Every look is bounded, whatever waits.
public struct StorageCheck: Sendable {
    /// When something counts as wrong.
    public struct Limits: Sendable {
        /// A snapshot this old is named: from then on the queues' tables grow for it.
        public var horizon = Duration.seconds(60)
        public var idleTransaction = Duration.seconds(30)
        public var statement = Duration.seconds(60)
        /// A claim is worked on for seconds.
        public var claim = Duration.seconds(600)
        public var overdue = Duration.seconds(60)
        /// Mail that waits for so long in a lane to which no credit is granted.
        public var unserved = Duration.seconds(300)
        /// Between the two looks at what is unserved: credits and what was just promoted are on their way for so long.
        public var confirmation = Duration.seconds(2)
        /// Days ahead for which there must be partitions.
        public var days: Int32 = 2
        /// Batches of events that wait for their places.
        public var batches: Int32 = 10_000
        public var deadRows: Int64 = 1_000_000
        /// Bytes of WAL that a replication slot keeps.
        public var wal: Int64 = 8 << 30

        public init() {}
    }

    let pool: PostgresPool
    let limits: Limits

    public init(pool: PostgresPool, limits: Limits = Limits()) {
        self.pool = pool
        self.limits = limits
    }

    /// What is wrong now; empty when nothing is. A check that fails is a finding, and hides none of the others.
    ///
    /// - Throws: when the database is not there.
    public func findings() async throws -> [StorageFinding] {
        var findings: [StorageFinding] = []
        for (check, level, statement) in statements {
            do {
                findings += try await look(check, level, statement)
            } catch {
                // Else it is the database that is not there.
                _ = try await pool.query("SELECT 1")
                findings.append(
                    StorageFinding(
                        check: check,
                        level: .warning,
                        object: check.rawValue,
                        detail: "\(check.rawValue) could not be looked at: \(error)"
                    )
                )
            }
        }
        return findings
    }

    private func look(
        _ check: StorageFinding.Check,
        _ level: StorageFinding.Level,
        _ statement: SQL
    ) async throws -> [StorageFinding] {
        let found = try await find(check, level, statement)
        guard check == .unserved, !found.isEmpty else { return found }
        try await Task.sleep(for: limits.confirmation)
        let again = try await find(check, level, statement)
        return Array(found.filter(again.contains).prefix(10))
    }

    private func find(
        _ check: StorageFinding.Check,
        _ level: StorageFinding.Level,
        _ statement: SQL
    ) async throws -> [StorageFinding] {
        try await pool.query(statement).decode(String.self, String.self).map {
            StorageFinding(check: check, level: level, object: $0.0, detail: $0.1)
        }
    }

    /// For how long the oldest snapshot of this database has been held, in seconds; 0: for no time.
    func horizonSeconds() async throws -> Double {
        try await pool.query(
            """
            SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
            WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) AND pid <> pg_backend_pid()
              AND (datname = current_database() OR datname IS NULL)
            """
        ).decode(Double.self).first ?? 0
    }

    private var statements: [(StorageFinding.Check, StorageFinding.Level, SQL)] {
        let sessions = SessionStatements(limits: limits)
        let queues = QueueStatements(limits: limits)
        return [
            (.horizon, .problem, sessions.horizon), (.horizon, .problem, sessions.slots),
            (.horizon, .problem, sessions.prepared), (.wal, .warning, sessions.wal),
            (.idleTransaction, .warning, sessions.idle), (.slowStatement, .warning, sessions.slow),
            (.claims, .problem, queues.claims), (.held, .warning, queues.held), (.overdue, .problem, queues.overdue),
            (.unserved, .problem, queues.unserved), (.partitions, .problem, queues.partitions),
            (.feed, .problem, queues.feed), (.bloat, .warning, queues.bloat),
        ]
    }
}
