import Capacity
import Logging
import Postgres

/// Notes what the database's clock says at points of this node's monotonic clock, so that `send_log` can be read on one clock.
///
/// At the start of each life and once a minute: of a few round trips the shortest, whose half is the error.
struct ClockSampler: Sendable {
    private static let interval = Duration.seconds(60)
    private static let retry = Duration.seconds(5)
    /// Between two looks whether a new life has begun.
    private static let look = Duration.milliseconds(500)
    private static let pruneInterval = Duration.seconds(3600)
    private static let roundTrips = 5

    private let pool: PostgresPool
    private let origin: ContinuousClock.Instant
    private let life: @Sendable () -> Worker?
    private let logger: Logger

    /// - Parameters:
    ///   - origin: the instant from which the node's times in `send_log` are counted.
    ///   - life: the life that this node leads now.
    init(
        pool: PostgresPool,
        origin: ContinuousClock.Instant,
        life: @escaping @Sendable () -> Worker?,
        logger: Logger
    ) {
        self.pool = pool
        self.origin = origin
        self.life = life
        self.logger = logger
    }

    func run() async {
        var sampled: Worker?
        var next = ContinuousClock.now
        var prune = ContinuousClock.now
        while !Task.isCancelled {
            let now = ContinuousClock.now
            if let life = life(), life != sampled || now >= next {
                do {
                    try await sample(life)
                    sampled = life
                    next = now + Self.interval
                    if now >= prune {
                        try await Self.prune(pool)
                        prune = now + Self.pruneInterval
                    }
                } catch {
                    logger.debug("no clock sample taken", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.retry)
                }
            }
            try? await Task.sleep(for: Self.look)
        }
    }

    /// Takes one sample and writes it.
    func sample(_ life: Worker) async throws {
        try await pool.withConnection { connection in
            var best: (node: Int64, database: Int64, error: Int64)?
            for _ in 0..<Self.roundTrips {
                let asked = ContinuousClock.now
                let rows = try await connection.query(
                    "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
                )
                let half = asked.duration(to: .now) / 2
                guard let microseconds = try rows.decode(Int64.self).first else { continue }
                // The database rounds to a microsecond.
                let error = half.nanoseconds + 1000
                if error < best?.error ?? .max {
                    best = (MonotonicTime(asked + half, since: origin).nanoseconds, microseconds * 1000, error)
                }
            }
            guard let best else { return }
            _ = try await connection.query(
                """
                INSERT INTO clock_sample (node, node_epoch, node_ns, at, error_ns)
                VALUES (\(life.node), \(life.epoch), \(best.node),
                        to_timestamp(0) + \(best.database / 1000)::bigint * interval '1 microsecond', \(best.error))
                ON CONFLICT DO NOTHING
                """
            )
        }
    }

    /// Removes the samples of times whose send log is gone.
    static func prune(_ pool: PostgresPool) async throws {
        _ = try await pool.query(
            """
            DELETE FROM clock_sample WHERE at < greatest(now() - interval '100 days', (
                SELECT min(to_date(right(relname, 8), 'YYYYMMDD'))::timestamp AT TIME ZONE 'UTC' - interval '1 hour'
                FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = 'send_log'::regclass AND relname ~ '^send_log_[0-9]{8}$'))
            """
        )
    }
}
