import DevDatabase
import Foundation
import Logging
import Postgres
import Testing

@testable import Outbox

/// A repetition is answered with what a failover keeps.
@Suite(.timeLimit(.minutes(5))) struct ReplayDurabilityTests {
    /// The first request was committed without the standby, as seen by one who comes while its COMMIT still waits.
    @Test("The answer to a repetition waits for the synchronous standby, in a flush and for a request that is refused")
    func waitsForTheStandby() async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = PrivatePostgres(
            configuration: .init(
                folder: "/tmp/sluice-test-standby-\(ProcessInfo.processInfo.processIdentifier)",
                durability: .none,
                settings: ["synchronous_standby_names": "nobody"]
            ),
            logger: logger
        )
        try await server.start()
        let waiting = try PostgresConfiguration(server.connectionString(database: "postgres"))
        var local = waiting
        local.settings["synchronous_commit"] = "local"
        let pools = PostgresPoolConfiguration(maxConnections: 2)
        try await PostgresPool.withPool(local, configuration: pools, logger: logger) { pool in
            try await pool.withConnection { try await TestServer.migrator().migrate(on: $0) }
            let request = try IdempotencyTests.request(await World(pool), "k", body: "a")
            let key = try #require(request.key)
            try await IdempotencyTests.withWriters(1, pool) { _ = try await $0[0].accept(request) }
            try await PostgresPool.withPool(waiting, configuration: pools, logger: logger) { other in
                try await IdempotencyTests.withWriters(1, other) { writers in
                    async let first: Void = Self.cancelWait(pool)
                    let flushed = await #expect(throws: AcceptError.self) { try await writers[0].accept(request) }
                    #expect(flushed?.code == .unavailable)
                    try await first
                    async let second: Void = Self.cancelWait(pool)
                    let refused = await #expect(throws: AcceptError.self) {
                        try await writers[0].receipt(for: key, tenantID: request.tenantID)
                    }
                    #expect(refused?.code == .unavailable)
                    try await second
                }
            }
        }
        await server.stop()
        try await PrivatePostgres.removeData(folder: server.configuration.folder)
    }

    /// Ends the wait of the one commit that waits.
    private static func cancelWait(_ pool: PostgresPool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let waiting = try await pool.query(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            )
            if !waiting.isEmpty { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no commit waits for the standby")
    }
}
