import DevDatabase
import Foundation
import Testing

@testable import Postgres

/// A primary and its standby: what a client sees of a failover, and of the old primary when it comes back.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ReplicationTests {
    struct Pair {
        let primary: PrivatePostgres
        let standby: PrivatePostgres

        /// Names both, the primary first.
        var url: String {
            "postgres://sluice@/postgres?host=\(primary.socketFolder),\(standby.socketFolder)"
        }

        var configuration: PostgresConfiguration {
            get throws { try PostgresConfiguration(url) }
        }
    }

    /// Runs a test with a primary whose commits wait for its standby.
    private func withPair(_ body: (Pair) async throws -> Void) async throws {
        let primary = TestServer.make()
        try await primary.start()
        let standby = try await primary.makeStandby(folder: primary.configuration.folder + "-standby")
        try await standby.start()
        try await primary.waitForStandbys(1)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(Pair(primary: primary, standby: standby)))
        } catch {
            result = .failure(error)
        }
        for server in [primary, standby] {
            await server.stop(mode: .immediate)
            try? await PrivatePostgres.removeData(folder: server.configuration.folder)
        }
        try result.get()
    }

    /// Asks until an answer comes.
    private func timeline(_ pool: PostgresPool) async throws -> Int64 {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while true {
            do {
                return try await pool.query("SELECT \(Timeline.current)")[0].decode(Int64.self)
            } catch let error as PostgresError where error.isConnectionFailure && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test func clientsFollowThePrimaryAndLeaveItWhenItWasReplaced() async throws {
        try await withPair { pair in
            let configuration = try pair.configuration
            let pool = PostgresPool(configuration)
            #expect(try await timeline(pool) == 1)
            try await pool.query("CREATE TABLE t (id int8)")
            try await pool.query("INSERT INTO t VALUES (1)")
            let session = try await AdvisoryLockSession.open(configuration)
            #expect(try await session.tryLock(.single(7)))
            var events = PostgresListener(configuration, channels: ["bell"]).makeAsyncIterator()
            #expect(await events.next() == .resync)

            try await pair.primary.kill9()
            try await pair.standby.promote()
            // At once, and not only after the next checkpoint.
            #expect(try await timeline(pool) == 2)
            #expect(try await pool.query("SELECT count(*) FROM t")[0].decode(Int.self) == 1)
            #expect(await events.next() == .resync)
            await #expect(throws: PostgresError.self) { try await session.check() }
            #expect(!session.isAlive)
            let next = try await AdvisoryLockSession.open(configuration)
            #expect(try await next.tryLock(.single(7)))
            await next.close()

            // The old primary comes back as if nothing had been, takes writes, and is named first.
            try await pair.primary.start()
            let stray = try await PostgresConnection.connect(
                try PostgresConfiguration(pair.primary.connectionString(database: "postgres"))
            )
            #expect(stray.timeline == 1)
            await stray.close()
            for known in [configuration, try pair.configuration] {
                let connection = try await PostgresConnection.connect(known)
                #expect(connection.server.hasPrefix(pair.standby.socketFolder))
                #expect(connection.timeline == 2)
                await connection.close()
            }
            #expect(try await timeline(pool) == 2)
            // Not even when there is no other.
            await pair.standby.stop(mode: .immediate)
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.connect(configuration)
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("timeline 1") == true)
            await pool.shutDown()
        }
    }

    /// A process that starts while the new primary does not answer cannot know that there is one, but it asks again.
    @Test func aStrayPrimaryIsLeftWhenTheNewOneAnswers() async throws {
        try await withPair { pair in
            try await pair.primary.kill9()
            try await pair.standby.promote()
            await pair.standby.stop(mode: .immediate)
            try await pair.primary.start()
            let configuration = try pair.configuration
            let pool = PostgresPool(configuration)
            try await withThrowingTaskGroup { group in
                group.addTask { try await pool.run() }
                try await pool.query("SELECT 1")
                let session = try await AdvisoryLockSession.open(configuration)
                try await session.check()
                #expect(configuration.hostPreference.timeline == 1)
                try await pair.standby.start()
                let deadline = ContinuousClock.now.advanced(by: .seconds(30))
                while try await timeline(pool) == 1, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await timeline(pool) == 2)
                await #expect(throws: PostgresError.self) { try await session.check() }
                group.cancelAll()
            }
            await pool.shutDown()
        }
    }

    /// The standby has not got the commit: its outcome is unknown to whoever waits for it, and on the new primary it never was.
    @Test func aCommitThatWaitsForTheStandbyIsUnknownWhenThePrimaryDies() async throws {
        try await withPair { pair in
            let configuration = try pair.configuration
            let pool = PostgresPool(configuration)
            try await pool.query("CREATE TABLE t (id int8)")
            let watcher = try await PostgresConnection.connect(configuration)
            await pair.standby.stop(mode: .immediate)
            async let alone = outcome { try await pool.query("INSERT INTO t VALUES (1)") }
            async let transaction = outcome {
                _ = try await pool.withTransaction { try await $0.query("INSERT INTO t VALUES (2)") }
            }
            async let pipeline = outcome { try await pool.pipeline(["INSERT INTO t VALUES (3)"]) }
            while try await watcher.query(
                "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            ).count < 3 {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await pair.primary.kill9()
            #expect(await alone?.isConnectionFailure == true)
            #expect(await transaction?.code == .commitOutcomeUnknown)
            #expect(await pipeline?.code == .commitOutcomeUnknown)
            try await pair.standby.start()
            try await pair.standby.promote()
            #expect(try await timeline(pool) == 2)
            #expect(try await pool.query("SELECT count(*) FROM t")[0].decode(Int.self) == 0)
            await watcher.close()
            await pool.shutDown()
        }
    }

    private func outcome(_ body: () async throws -> Void) async -> PostgresError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PostgresError
        }
    }

    @Test func migrationsFollowThePrimary() async throws {
        try await withPair { pair in
            let migrator = try Migrator([Migration(name: "0001_a", sql: "CREATE TABLE a (id int8)", checksum: "1")])
            // A standby that is named first is passed over.
            let turned = try PostgresConfiguration(
                "host=\(pair.standby.socketFolder),\(pair.primary.socketFolder) user=sluice dbname=postgres"
            )
            let connection = try await PostgresConnection.connect(turned)
            #expect(connection.server.hasPrefix(pair.primary.socketFolder))
            #expect(try await migrator.migrate(on: connection) == ["0001_a"])
            await connection.close()
        }
    }
}
