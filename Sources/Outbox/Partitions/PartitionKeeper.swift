public import Logging
import Metrics
public import Postgres
public import ServiceLifecycle

import struct Foundation.Date

/// Makes the day partitions ahead of time, a week of them, so that a node that is alone for days still has room; and drops those
/// that are older than they are to be kept. Looks every hour.
public struct PartitionKeeper: Service {
    private static let interval = Duration.seconds(3600)
    private static let retry = Duration.seconds(30)

    private let pool: PostgresPool
    private let dropper: PartitionDropper
    private let logger: Logger

    /// - Parameter postgres: for the session that drops.
    public init(postgres: PostgresConfiguration, pool: PostgresPool, retention: Retention, logger: Logger) {
        self.pool = pool
        self.logger = logger
        dropper = PartitionDropper(postgres: postgres, retention: retention, logger: logger)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let isMade = await self.makeAhead()
                // Not when the schema may not be ours yet.
                let isDone = isMade ? await self.dropOld() : false
                try? await Task.sleep(for: isDone ? Self.interval : Self.retry)
            }
        }
    }

    private static func note(_ label: String) {
        Gauge(label: label).record(Date().timeIntervalSince1970)
    }

    private func makeAhead() async -> Bool {
        do {
            let made = try await Self.makeAhead(pool)
            Self.note("sluice_partitions_made_timestamp_seconds")
            if made > 0 { logger.info("partitions made", metadata: ["partitions": "\(made)"]) }
            return true
        } catch {
            logger.warning("partitions not made, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func dropOld() async -> Bool {
        do {
            let pass = try await dropper.drop()
            Self.note("sluice_partitions_dropped_timestamp_seconds")
            return !pass.isInterrupted && !pass.hasMore
        } catch {
            logger.warning("old partitions not dropped, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// Makes the partitions from yesterday to a week ahead that are missing; returns how many.
    public static func makeAhead(_ pool: PostgresPool) async throws -> Int {
        try await pool.withTransaction { connection in
            _ = try await connection.query("SET LOCAL lock_timeout = '2s'")
            _ = try await connection.query("SELECT pg_advisory_xact_lock(hashtext('sluice partitions'))")
            let rows = try await connection.query(
                """
                SELECT coalesce(sum(make_partitions((now() AT TIME ZONE 'UTC')::date + n)), 0)::bigint
                FROM generate_series(-1, 7) AS n
                """
            )
            return try rows.decode(Int.self).first ?? 0
        }
    }
}
