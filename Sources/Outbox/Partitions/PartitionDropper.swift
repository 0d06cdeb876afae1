import Logging
import Postgres

/// Drops the day partitions that are older than they are to be kept. Each step is short and takes the weakest lock there is;
/// a pass that was interrupted anywhere is taken up by the next one, on whichever node.
struct PartitionDropper: Sendable {
    private static let lock = AdvisoryLockKey.single(0x51_4452_4F50_5041)
    /// Rows of mail that still waits, moved in one statement, and how many bytes all but the last of them may have.
    private static let moved: Int32 = 1000
    private static let movedBytes: Int64 = 32 << 20
    /// How long a pass looks for moved rows whose mail has been sent; the rest is for the next.
    private static let tidying = Duration.seconds(20)
    /// Loans of the ledger that a pass removes at most.
    private static let loans: Int32 = 10_000
    /// Of a day with more waiting messages than this, or recipients with data of their own, nothing is moved: it stays whole
    /// until they are sent.
    static let mostMoved = 100_000
    /// Waiting entries of a day that are counted.
    private static let counted: Int32 = 1_000_000

    /// What a pass did.
    struct Pass: Sendable {
        var dropped: [String] = []
        /// Tables that stay because mail of their day waits.
        var kept: [String] = []
        /// Somebody used a table for longer than a second; the next pass goes on.
        var isInterrupted = false
        /// Time was too short for moved rows; the next pass goes on.
        var hasMore = false
    }

    let configuration: PostgresConfiguration
    let retention: Retention
    let logger: Logger

    init(postgres: PostgresConfiguration, retention: Retention, logger: Logger) {
        var configuration = postgres
        // Whoever waits for such a lock makes everybody behind it wait.
        configuration.lockTimeout = .seconds(1)
        self.configuration = configuration
        self.retention = retention
        self.logger = logger
    }

    /// Drops what is due; nothing while another node does.
    func drop() async throws -> Pass {
        let connection = try await PostgresConnection.connect(configuration)
        do {
            let pass = try await connection.tryAdvisoryLock(Self.lock) ? drop(on: connection) : Pass()
            await connection.close()
            return pass
        } catch {
            await connection.close()
            throw error
        }
    }

    private func drop(on connection: PostgresConnection) async throws -> Pass {
        var pass = Pass()
        let old = try await OldPartition.all(retention, on: connection)
        for (number, partition) in old.enumerated() {
            do {
                guard try await drop(partition, on: connection) else {
                    pass.kept.append(partition.name)
                    continue
                }
                pass.dropped.append(partition.name)
                logger.info(
                    "old partition dropped",
                    metadata: ["partition": "\(partition.name)", "number": "\(number + 1)", "of": "\(old.count)"]
                )
            } catch let error as PostgresError where connection.isOpen {
                pass.isInterrupted = true
                logger.notice(
                    "an old partition is in use; it is dropped later",
                    metadata: ["partition": "\(partition.name)", "error": "\(error)"]
                )
            }
        }
        if !pass.kept.isEmpty {
            logger.warning(
                "old partitions stay because mail of their day still waits: see `sluice queue`",
                metadata: ["partitions": "\(pass.kept.joined(separator: " "))"]
            )
        }
        pass.hasMore = try await removeKept(on: connection)
        try await removeLoans(on: connection)
        return pass
    }

    /// False when it has to stay.
    private func drop(_ partition: OldPartition, on connection: PostgresConnection) async throws -> Bool {
        switch partition.state {
        case .attached:
            if partition.waits, try await hasWaiting(partition, on: connection) { return false }
            if let target = partition.keptIn, try await !move(partition, to: target, on: connection) { return false }
            if partition.parent == "feed" { try await forgetPlaces(partition, on: connection) }
            _ = try await connection.query(
                "ALTER TABLE \(raw: partition.parent) DETACH PARTITION \(raw: partition.name) CONCURRENTLY"
            )
        case .detaching:
            _ = try await connection.query(
                "ALTER TABLE \(raw: partition.parent) DETACH PARTITION \(raw: partition.name) FINALIZE"
            )
        case .detached: break
        }
        _ = try await connection.query("DROP TABLE \(raw: partition.name)")
        return true
    }

    private func hasWaiting(_ partition: OldPartition, on connection: PostgresConnection) async throws -> Bool {
        try await connection.query("SELECT EXISTS (SELECT FROM \(partition.waiting))").decode(Bool.self).first ?? true
    }

    /// Moves the rows of mail that still waits. Entries change their queue while it looks, so that it ends only when one
    /// statement has seen all of them moved.
    private func move(
        _ partition: OldPartition,
        to target: String,
        on connection: PostgresConnection
    ) async throws -> Bool {
        guard try await moves(partition, on: connection) else { return false }
        let bytes = try await size(ofRowsOf: partition, as: "old", on: connection)
        while true {
            let moved =
                try await connection.query(
                    """
                    WITH missing AS MATERIALIZED (
                        SELECT old.id, \(raw: bytes) AS bytes
                        FROM (SELECT DISTINCT message_of(id) AS id FROM \(partition.waiting)) AS m
                        JOIN \(raw: partition.name) AS old ON old.id BETWEEN m.id AND last_of(m.id)
                        WHERE NOT EXISTS (SELECT FROM \(raw: target) AS kept WHERE kept.id = old.id)
                        LIMIT \(Self.moved)
                    ), chosen AS MATERIALIZED (
                        SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM missing) AS m
                        WHERE before < \(Self.movedBytes)
                    ), moved AS (
                        INSERT INTO \(raw: target)
                        SELECT old.* FROM chosen JOIN \(raw: partition.name) AS old ON old.id = chosen.id
                        ON CONFLICT DO NOTHING RETURNING 1
                    )
                    SELECT count(*) FROM moved
                    """
                ).decode(Int.self).first ?? 0
            if moved == 0 { return true }
        }
    }

    /// Whether so little of the day waits that it can be moved.
    private func moves(_ partition: OldPartition, on connection: PostgresConnection) async throws -> Bool {
        let counts = try await connection.query(
            """
            SELECT count(*), count(DISTINCT message_of(id))
            FROM (SELECT id FROM \(partition.waiting) LIMIT \(Self.counted)) AS entry
            """
        ).decode(Int.self, Int.self)
        guard let (entries, messages) = counts.first, entries < Self.counted else { return false }
        // A broadcast has one body, and as many data as recipients.
        return (partition.parent == "body" ? messages : entries) <= Self.mostMoved
    }

    /// An expression for the bytes that a row takes, without reading its long values.
    private func size(
        ofRowsOf partition: OldPartition,
        as alias: String,
        on connection: PostgresConnection
    ) async throws -> String {
        try await connection.query(
            """
            SELECT coalesce(string_agg(format('coalesce(pg_column_size(%I.%I), 0)', \(alias), attname), ' + '), '0')
            FROM pg_attribute
            WHERE attrelid = \(partition.name)::regclass AND attnum > 0 AND NOT attisdropped AND attlen = -1
            """
        ).decode(String.self).first ?? "0"
    }

    /// Before the feed's day goes, so that nobody reads past a gap without being told.
    private func forgetPlaces(_ partition: OldPartition, on connection: PostgresConnection) async throws {
        _ = try await connection.query("DELETE FROM feed_day WHERE day <= \(partition.day)::text::date")
    }

    /// Removes the oldest loans that are over, as old as events that are dropped.
    private func removeLoans(on connection: PostgresConnection) async throws {
        _ = try await connection.query(
            """
            DELETE FROM loan WHERE id = ANY (ARRAY(
                SELECT id FROM loan WHERE to_at < now() - \(retention.events) ORDER BY id LIMIT \(Self.loans)))
            """
        )
    }

    /// Removes moved rows whose mail waits no longer; returns whether time was too short to look at all of them.
    private func removeKept(on connection: PostgresConnection) async throws -> Bool {
        let end = ContinuousClock.now + Self.tidying
        let tables = try await connection.query(
            "SELECT DISTINCT kept_in FROM day_partitioned WHERE kept_in IS NOT NULL ORDER BY 1"
        ).decode(String.self)
        for table in tables {
            var last: PostgresUUID? = .lowest
            while let id = last {
                guard ContinuousClock.now < end else { return true }
                last = try await removeKept(in: table, after: id, on: connection)
            }
        }
        return false
    }

    /// Looks at the next rows; returns the last one's id when there may be more.
    private func removeKept(
        in table: String,
        after id: PostgresUUID,
        on connection: PostgresConnection
    ) async throws -> PostgresUUID? {
        let rows = try await connection.query(
            """
            WITH kept AS MATERIALIZED (
                SELECT ctid AS tid, id FROM \(raw: table) WHERE id > \(id) ORDER BY id LIMIT \(Self.moved)
            ), gone AS (
                DELETE FROM \(raw: table) WHERE ctid = ANY (ARRAY(
                    SELECT kept.tid FROM kept
                    WHERE NOT EXISTS (
                        SELECT FROM message JOIN ready ON ready.lane_id = message.lane_id
                            AND ready.priority = message.priority
                            AND ready.id BETWEEN message.id AND last_of(message.id)
                        WHERE message.id = message_of(kept.id))
                      AND NOT EXISTS (SELECT FROM deferred
                                      WHERE deferred.id BETWEEN message_of(kept.id) AND last_of(message_of(kept.id)))
                      AND NOT EXISTS (SELECT FROM claim CROSS JOIN LATERAL unnest(claim.entries) AS entry (id)
                                      WHERE message_of(entry.id) = message_of(kept.id))
                ))
            )
            SELECT count(*), (array_agg(id ORDER BY id DESC))[1] FROM kept
            """
        ).decode(Int.self, PostgresUUID?.self)
        guard let (count, last) = rows.first, count == Self.moved else { return nil }
        return last
    }
}
