import DevDatabase
import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@Suite("The watchdog of the storage")
struct StorageHealthTests {
    @Test("Nothing is wrong with a fresh database")
    func well() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await world.accept([
                try world.message(), try world.message(scheduledAt: Date(timeIntervalSinceNow: 600)),
            ])
            #expect(try await StorageCheck(pool: pool).findings() == [])
        }
    }

    @Test("A session that holds the horizon is named with its process, and its statement is not told")
    func horizon() async throws {
        try await withDatabase { pool in
            var limits = StorageCheck.Limits()
            limits.horizon = .zero
            limits.idleTransaction = .zero
            let check = StorageCheck(pool: pool, limits: limits)
            try await pool.withTransaction(isolation: .repeatableRead) { old in
                let pid = try #require(
                    try await old.query("SELECT pg_backend_pid(), 'secret'").decode(Int.self, String.self).first
                ).0
                let found = try await check.findings()
                let horizon = try #require(found.first { $0.check == .horizon && $0.object.contains("\(pid)") })
                #expect(horizon.level == .problem && horizon.detail.contains("pg_terminate_backend(\(pid))"))
                #expect(found.contains { $0.check == .idleTransaction && $0.object.contains("\(pid)") })
                #expect(!found.contains { $0.detail.contains("secret") })
            }
        }
    }

    @Test("What is stuck in the queues is named with its lane")
    func stuck() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let queued = try await world.old(1)
            let lane = queued.laneID
            var limits = StorageCheck.Limits()
            limits.confirmation = .milliseconds(10)
            let check = StorageCheck(pool: pool, limits: limits)
            let before = Set(try await check.findings().map(\.check))
            #expect(before == [.unserved])
            _ = try await pool.query(
                """
                INSERT INTO deferred (lane_id, due_at, id, priority, recipients, reason)
                VALUES (\(lane), 'infinity', new_id(), 1, 1, 2), (\(lane), now() - interval '5 minutes', new_id(), 1, 1, 0)
                """
            )
            _ = try await pool.query(
                """
                INSERT INTO claim (account_id, node, epoch, claimed_at, entries)
                VALUES (1, 'gone', 1, now() - interval '1 hour', ARRAY[new_id()])
                """
            )
            _ = try await pool.query("DROP TABLE \(raw: try await world.leaf("feed", -2))")
            let found = try await check.findings()
            #expect(Set(found.map(\.check)) == [.unserved, .held, .overdue, .claims, .partitions])
            for finding in found where [.unserved, .held, .overdue].contains(finding.check) {
                #expect(finding.object == "main/AT/apa/transactional")
            }
            #expect(try await PartitionKeeper.makeAhead(pool) == 1)
        }
    }

    @Test("A slot that nobody uses and many events without a place are named")
    func feed() async throws {
        try await withDatabase { pool in
            var limits = StorageCheck.Limits()
            limits.batches = 3
            _ = try await pool.query(
                "INSERT INTO event_batch (tenant_ids, outbox_ids, identities) SELECT '{}', '{}', '{}' FROM generate_series(1, 4)"
            )
            let found = try await StorageCheck(pool: pool, limits: limits).findings()
            #expect(found.map(\.check) == [.feed])
        }
    }

    @Test("A check that cannot be made is named, and hides no other")
    func broken() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await world.old(1)
            _ = try await pool.query("ALTER TABLE claim RENAME TO away")
            var limits = StorageCheck.Limits()
            limits.confirmation = .milliseconds(10)
            let found = try await StorageCheck(pool: pool, limits: limits).findings()
            #expect(found.map(\.check) == [.claims, .unserved])
            #expect(found[0].detail.contains("could not be looked at"))
        }
    }

    /// As long as SES's are.
    private func sesID(_ call: ClaimedCall) -> String { "0102018f\(call.entry.text)-000000-000" }

    /// On a server of its own: a long transaction in another database keeps pages from being pruned while it runs. An ANALYZE
    /// of the server's own does, too; of three rounds one is without.
    @Test("Real traffic updates recipients' rows without touching an index")
    func hotUpdates() async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = PrivatePostgres(
            configuration: .init(
                folder: "/tmp/sluice-test-updates-\(ProcessInfo.processInfo.processIdentifier)",
                durability: .none
            ),
            logger: logger
        )
        try await server.start()
        let database = try PostgresConfiguration(server.connectionString(database: "postgres"))
        let pools = PostgresPoolConfiguration(maxConnections: 4)
        try await PostgresPool.withPool(database, configuration: pools, logger: logger) { pool in
            try await pool.withConnection { try await TestServer.migrator().migrate(on: $0) }
            let world = try await World(pool)
            var best = 0
            var before = (all: 0, hot: 0)
            for _ in 0..<3 where best < 95 {
                let after = try await roundTrip(1000, in: world, pool, updatesBefore: before.all)
                best = max(best, (after.hot - before.hot) * 100 / (after.all - before.all))
                before = after
            }
            #expect(best >= 95, "\(best) % of the updates are HOT")
            // Nothing wide is written twice.
            let wide = try await pool.query(
                """
                SELECT coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables
                WHERE relname ~ '^(message|body|event|ses_id|send_log)_[0-9]'
                """
            ).decode(Int.self).first
            #expect(wide == 0)
        }
        await server.stop()
        try await PrivatePostgres.removeData(folder: server.configuration.folder)
    }

    /// Accepts, claims and settles messages and hears of their delivery; returns the updates of recipients' rows so far.
    private func roundTrip(
        _ count: Int,
        in world: World,
        _ pool: PostgresPool,
        updatesBefore: Int
    ) async throws -> (all: Int, hot: Int) {
        let messages = try (0..<count).map { _ in try world.message() }
        let calls = try await world.claimed(messages)
        #expect(calls.count == count)
        try await world.settle(calls.map { Outcome(call: $0, result: .sent(sesMessageID: sesID($0))) })
        for start in stride(from: 0, to: calls.count, by: 250) {
            let part = calls[start..<start + 250]
            _ = try await world.apply(try part.map { try world.evidence(.delivered, $0.entry, sesID($0)) })
        }
        // Counters reach the others when a session is idle.
        var updates = (all: 0, hot: 0)
        while updates.all < updatesBefore + 2 * count {
            try await Task.sleep(for: .milliseconds(50))
            let rows = try await pool.query(
                """
                SELECT coalesce(sum(n_tup_upd), 0)::bigint, coalesce(sum(n_tup_hot_upd), 0)::bigint
                FROM pg_stat_user_tables WHERE relname LIKE 'outbox\\_%'
                """
            )
            for (all, hot) in try rows.decode(Int.self, Int.self) { updates = (all, hot) }
        }
        return updates
    }
}
