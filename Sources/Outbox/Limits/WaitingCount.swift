public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps the figures by which tenants with limits are judged, so that accepting only reads them.
///
/// What was accepted is added up once a second. What waits is counted only where that sum comes near the limit: it knows of no
/// mail that was sent, so it is too high and never too low. A count reads no more entries than the limit has, and takes a
/// twentieth of the time at most: a queue that takes a second to count is counted every 20 s.
///
/// Every gateway runs one; an advisory lock lets one of them work at a time.
public final class WaitingCount: Service {
    private static let lock: Int64 = 0x57_4149_5449_4E47
    private static let interval = Duration.seconds(1)
    /// Turns after which the tenants are compared again though they are the same: another node may know others.
    private static let comparison = 60
    private static let batch: Int64 = 5000
    /// Of one turn.
    private static let mostBatches = 20
    private static let mostCounts: Int64 = 20
    private static let patience = Duration.seconds(30)

    private let pool: PostgresPool
    private let limits: @Sendable () -> [Int32: AcceptLimits]?
    private let logger: Logger

    /// - Parameter limits: of the tenants that have any, as the directory has it now; nil while it is not known.
    public init(
        pool: PostgresPool,
        limits: @escaping @Sendable () -> [Int32: AcceptLimits]?,
        logger: Logger
    ) {
        self.pool = pool
        self.limits = limits
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var compared: [Int32: Int]?
            var turns = 0
            while !Task.isCancelled {
                do {
                    turns = turns % Self.comparison + 1
                    if turns == Self.comparison { compared = nil }
                    try await self.turn(&compared)
                } catch {
                    if !Task.isCancelled {
                        self.logger.debug("waiting mail not counted", metadata: ["error": "\(error)"])
                    }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Adds up and counts what is due now.
    ///
    /// - Parameter compared: the limits of queues as they were when the tenants were compared last; nil: never.
    package func turn(_ compared: inout [Int32: Int]?) async throws {
        guard let limits = limits() else { return }
        // A node on which nobody has limits has nothing to do, once it has said so.
        if limits.isEmpty, compared?.isEmpty == true { return }
        let queues = limits.compactMapValues(\.queued)
        if compared != queues {
            guard try await alone({ try await Self.compare(queues, on: $0) }) != nil else { return }
            compared = queues
        }
        for _ in 0..<Self.mostBatches {
            guard try await hasAny() else { break }
            guard let taken = try await alone({ try await Self.add(on: $0) }), taken == Self.batch else { break }
        }
        for tenant in try await due() { try await count(tenant) }
    }

    /// Runs `body` in a transaction while nobody else does; nil when somebody does.
    private func alone<Value: Sendable>(
        timeout: Duration? = nil,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value? {
        try await pool.withTransaction(timeout: timeout) { connection -> Value? in
            // In a statement of its own, so that the next one sees what the one before with the lock has done.
            let isFree = try await connection.query("SELECT pg_try_advisory_xact_lock(\(Self.lock))")
                .decode(Bool.self).first
            guard isFree == true else { return nil }
            return try await body(connection)
        }
    }

    private func hasAny() async throws -> Bool {
        try await pool.query("SELECT 1 FROM accept_count LIMIT 1").first != nil
    }

    /// Makes a row for each tenant whose queue is limited, and no other.
    private static func compare(_ queues: [Int32: Int], on connection: PostgresConnection) async throws {
        let tenants = queues.keys.sorted()
        _ = try await connection.query("DELETE FROM tenant_queue WHERE tenant_id <> ALL (\(tenants))")
        guard !tenants.isEmpty else { return }
        _ = try await connection.query(
            """
            INSERT INTO tenant_queue (tenant_id, most)
            SELECT w.tenant_id, w.most
            FROM unnest(\(tenants), \(tenants.map { queues[$0] ?? 0 })) AS w (tenant_id, most)
            WHERE EXISTS (SELECT FROM tenant WHERE tenant.id = w.tenant_id)
            ON CONFLICT (tenant_id) DO UPDATE SET most = excluded.most, counted = false, due_at = now()
            WHERE tenant_queue.most <> excluded.most
            """
        )
    }

    /// Adds up some of what was accepted; returns how many rows those were.
    private static func add(on connection: PostgresConnection) async throws -> Int64 {
        try await connection.query(
            """
            WITH taken AS (
                DELETE FROM accept_count
                WHERE ctid = ANY (ARRAY(SELECT ctid FROM accept_count LIMIT \(Self.batch)))
                RETURNING tenant_id, recipients
            ), sums AS (
                SELECT tenant_id, sum(recipients) AS recipients FROM taken
                WHERE EXISTS (SELECT FROM tenant WHERE tenant.id = taken.tenant_id)
                GROUP BY tenant_id
            ), queues AS (
                UPDATE tenant_queue SET waiting = waiting + sums.recipients
                FROM sums WHERE tenant_queue.tenant_id = sums.tenant_id
            ), old AS (
                DELETE FROM tenant_day USING sums
                WHERE tenant_day.tenant_id = sums.tenant_id AND slot < \(RoomStatement.slot) - 100
            ), days AS (
                INSERT INTO tenant_day (tenant_id, slot, recipients)
                SELECT tenant_id, \(RoomStatement.slot), recipients FROM sums ORDER BY tenant_id
                ON CONFLICT (tenant_id, slot) DO UPDATE SET recipients = tenant_day.recipients + excluded.recipients
            )
            SELECT count(*) FROM taken
            """
        ).decode(Int64.self).first ?? 0
    }

    /// The tenants that are to be counted: those that may be over half of their limit.
    private func due() async throws -> [Int32] {
        try await pool.query(
            """
            SELECT tenant_id FROM tenant_queue
            WHERE (NOT counted OR waiting * 2 >= most) AND due_at <= now()
            ORDER BY due_at LIMIT \(Self.mostCounts)
            """
        ).decode(Int32.self)
    }

    /// Counts what waits of a tenant. What is in `accept_count` by then is among it, and will be added once more.
    private func count(_ tenant: Int32) async throws {
        do {
            _ = try await alone(timeout: Self.patience) { connection in
                try await connection.pipeline([Self.walking, Self.counting(tenant)], timeout: Self.patience)
            }
        } catch let error as PostgresError where !Task.isCancelled {
            logger.warning(
                "the waiting mail of a tenant could not be counted; its limit goes by an older count",
                metadata: ["tenant_id": "\(tenant)", "error": "\(error)"]
            )
            try await pool.query(
                "UPDATE tenant_queue SET due_at = now() + interval '5 minutes' WHERE tenant_id = \(tenant)"
            )
        }
    }

    /// Sent before `counting`: a bitmap of a queue would be made of all of it, whatever the limit.
    package static let walking: SQL = "SET LOCAL enable_bitmapscan = off"

    package static func counting(_ tenant: Int32) -> SQL {
        let most: SQL = "(SELECT most + 1 FROM tenant_queue WHERE tenant_id = \(tenant))"
        return """
            WITH entries AS (
                SELECT recipients FROM (
                    SELECT entry.recipients
                    FROM lane CROSS JOIN (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p (priority)
                    CROSS JOIN LATERAL (
                        -- Queue by queue, and never the whole table.
                        SELECT ready.recipients FROM ready
                        WHERE ready.lane_id = lane.id AND ready.priority = p.priority OFFSET 0
                    ) AS entry
                    WHERE lane.tenant_id = \(tenant)
                    UNION ALL
                    SELECT entry.recipients
                    FROM lane CROSS JOIN LATERAL (
                        SELECT deferred.recipients FROM deferred WHERE deferred.lane_id = lane.id OFFSET 0
                    ) AS entry
                    WHERE lane.tenant_id = \(tenant)
                ) AS waiting LIMIT \(most)
            )
            UPDATE tenant_queue SET
                waiting = (SELECT coalesce(sum(recipients), 0) FROM entries)
                          - (SELECT coalesce(sum(recipients), 0) FROM accept_count WHERE tenant_id = \(tenant)),
                counted = true,
                due_at = now() + greatest(interval '1 second', 20 * (clock_timestamp() - now()))
            WHERE tenant_id = \(tenant)
            """
    }
}
