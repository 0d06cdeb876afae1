import DevDatabase
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Postgres

/// Servers that stop, crash, stay silent or are not there, each test with its own.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FaultTests {
    /// Asks until an answer comes; the error that came before it, if any.
    private func recover(_ pool: PostgresPool) async throws -> [PostgresError] {
        var errors: [PostgresError] = []
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while ContinuousClock.now < deadline {
            do {
                try await pool.query("SELECT 1")
                return errors
            } catch let error as PostgresError {
                errors.append(error)
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        throw errors.last ?? PostgresError(.unavailable, "no answer")
    }

    @Test(arguments: [true, false])
    func aPoolSurvivesItsServer(isService: Bool) async throws {
        let server = TestServer.make()
        try await server.start()
        let pool = PostgresPool(try PostgresConfiguration(server.connectionString(database: "postgres")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            if isService { tasks.addTask { try await pool.run() } }
            for mode in [PrivatePostgres.StopMode.fast, .immediate] {
                try await pool.query("SELECT 1")
                await server.stop(mode: mode)
                // The first call may meet the dying connection; then callers hear at once that there is none.
                _ = try? await pool.query("SELECT 1")
                let start = ContinuousClock.now
                for _ in 0..<20 {
                    let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                    #expect(error?.isConnectionFailure == true)
                }
                #expect(start.duration(to: .now) < .seconds(10))
                try await server.start()
                let errors = try await recover(pool)
                #expect(errors.filter { !$0.isConnectionFailure }.isEmpty)
            }
            try await server.kill9()
            _ = try? await pool.query("SELECT 1")
            try await server.start()
            _ = try await recover(pool)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
        await pool.shutDown()
        await server.stop(mode: .immediate)
    }

    @Test func aConnectionLostDuringTheCommitLeavesItsOutcomeOpen() async throws {
        try await withConnection { connection in
            try await withConnection { other in
                try await connection.execute(
                    """
                    CREATE TEMP TABLE t (id int8);
                    CREATE FUNCTION pg_temp.slowly() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION pg_temp.slowly();
                    """
                )
                let pid = connection.backendPID
                async let end: Void = terminateWhenCommitting(pid, other)
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.transaction { try await $0.query("INSERT INTO t VALUES (1)") }
                }
                try await end
                #expect(error?.code == .commitOutcomeUnknown)
                #expect(error?.isConnectionFailure == true)
                #expect(!connection.isOpen)
            }
        }
    }

    @Test func aConnectionLostInAPipelineLeavesItsOutcomeOpen() async throws {
        try await withConnection { connection in
            try await withConnection { other in
                let pid = connection.backendPID
                async let end: Void = terminateWhenCommitting(pid, other)
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.pipeline(["SELECT 1", "SELECT pg_sleep(60)"])
                }
                try await end
                #expect(error?.code == .commitOutcomeUnknown)
            }
        }
    }

    private func terminateWhenCommitting(_ pid: Int32, _ other: PostgresConnection) async throws {
        while try await other.query(
            "SELECT 1 FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = 'PgSleep'"
        ).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await other.query("SELECT pg_terminate_backend(\(pid), 5000)")
    }

    /// The primary waits for a standby that does not exist; giving up that wait is a warning, and the commit "succeeds".
    @Test func aCancelledWaitForTheStandbyIsNoSuccess() async throws {
        let server = TestServer.make(settings: ["synchronous_standby_names": "nobody"])
        try await server.start()
        var configuration = try PostgresConfiguration(server.connectionString(database: "postgres"))
        let connection = try await PostgresConnection.connect(configuration)
        let other = try await PostgresConnection.connect(configuration)
        try await connection.execute("SET synchronous_commit = local")
        try await connection.execute("CREATE TABLE t (id int8)")
        try await connection.execute("RESET synchronous_commit")

        async let cancel: Void = cancelWhenWaiting(connection.backendPID, other)
        let commit = await #expect(throws: PostgresError.self) {
            try await connection.transaction { try await $0.query("INSERT INTO t VALUES (1)") }
        }
        try await cancel
        #expect(commit?.code == .commitOutcomeUnknown)
        async let second: Void = cancelWhenWaiting(connection.backendPID, other)
        let alone = await #expect(throws: PostgresError.self) { try await connection.query("INSERT INTO t VALUES (2)") }
        try await second
        #expect(alone?.code == .commitOutcomeUnknown)
        async let third: Void = cancelWhenWaiting(connection.backendPID, other)
        let pipeline = await #expect(throws: PostgresError.self) {
            try await connection.pipeline(["INSERT INTO t VALUES (3)", "SELECT 1"])
        }
        try await third
        #expect(pipeline?.code == .commitOutcomeUnknown)
        // All three are there, on this server only: that is why it must not be called a failure either.
        try await expect("SELECT count(*) FROM t", 3, connection)

        // Statement timeouts leave the wait alone, and so does a client that stops waiting: its connection goes.
        for isPipeline in [false, true] {
            configuration.statementTimeout = .milliseconds(50)
            let waiting = try await PostgresConnection.connect(configuration)
            let pid = waiting.backendPID
            let late = await #expect(throws: PostgresError.self) {
                if isPipeline {
                    try await waiting.pipeline(["INSERT INTO t VALUES (7)"], timeout: .milliseconds(300))
                } else {
                    try await waiting.query("INSERT INTO t VALUES (7)", timeout: .milliseconds(300))
                }
            }
            #expect(late?.code == .commitOutcomeUnknown)
            #expect(!waiting.isOpen)
            try await expect("SELECT wait_event FROM pg_stat_activity WHERE pid = \(pid)", "SyncRep", other)
        }
        try await expect("SELECT count(*) FROM t", 3, connection)
        // A cancelled task gives it a moment, and then goes without cancelling it.
        configuration.cancellationGrace = .milliseconds(200)
        let leaving = try await PostgresConnection.connect(configuration)
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await leaving.query("INSERT INTO t VALUES (8)") }
                try await untilWaiting(leaving.backendPID, other)
                tasks.cancelAll()
                try await tasks.waitForAll()
            }
        }
        try await expect("SELECT count(*) FROM t", 3, connection)

        // A client that stops waiting by itself: the connection goes, the outcome stays open.
        configuration.commitTimeout = .milliseconds(200)
        let impatient = try await PostgresConnection.connect(configuration)
        let error = await #expect(throws: PostgresError.self) {
            try await impatient.transaction { try await $0.query("INSERT INTO t VALUES (4)") }
        }
        #expect(error?.code == .commitOutcomeUnknown)
        #expect(!impatient.isOpen)
        // Not for ever unless somebody says so, and sooner where a caller says so.
        #expect(try PostgresConfiguration("host=a").commitTimeout == .seconds(40))
        configuration.commitTimeout = nil
        let sooner = try await PostgresConnection.connect(configuration)
        let limited = await #expect(throws: PostgresError.self) {
            try await sooner.transaction(timeout: .milliseconds(200)) { try await $0.query("INSERT INTO t VALUES (5)") }
        }
        #expect(limited?.code == .commitOutcomeUnknown)
        #expect(!sooner.isOpen)
        await connection.close()
        await other.close()
        await server.stop(mode: .immediate)
    }

    private func cancelWhenWaiting(_ pid: Int32, _ other: PostgresConnection) async throws {
        try await untilWaiting(pid, other)
        try await other.query("SELECT pg_cancel_backend(\(pid))")
    }

    /// Returns when a commit waits for the standby.
    private func untilWaiting(_ pid: Int32, _ other: PostgresConnection) async throws {
        while try await other.query(
            "SELECT 1 FROM pg_stat_activity WHERE pid = \(pid) AND wait_event = 'SyncRep'"
        ).isEmpty {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func theNextHostIsTriedWhenOneIsDeadOrSilentOrAStandby() async throws {
        let live = try await TestServer.shared.configuration()
        let folder = try #require(live.redactedDescription.split(separator: " ").first?.dropFirst("host=".count))
        // Accepts connections and says nothing, as a frozen machine does.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let silent = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)

        for dead in ["/nonexistent", "127.0.0.1"] {
            var configuration = try PostgresConfiguration(
                "host=\(dead),\(folder) port=\(port),5432 user=sluice dbname=postgres target_session_attrs=read-write"
            )
            configuration.connectTimeout = .milliseconds(300)
            let connection = try await PostgresConnection.connect(configuration)
            try await expect("SELECT 1", 1, connection)
            await connection.close()
        }
        // A pool's callers, who wait less than one silent host may take, get through as well.
        let failedOver = try PostgresConfiguration(
            "host=127.0.0.1,\(folder) port=\(port),5432 user=sluice dbname=postgres target_session_attrs=read-write"
        )
        var impatient = PostgresPoolConfiguration(maxConnections: 2)
        impatient.acquireTimeout = .seconds(3)
        try await PostgresPool.withPool(failedOver, configuration: impatient) { pool in
            try await pool.query("SELECT 1")
        }
        // The next connection knows where the server is.
        #expect(failedOver.attempts.first?["host"] == String(folder))
        // Where all are asked again, those behind a good one get little time: each of these would take two seconds.
        let many = try PostgresConfiguration(
            "host=127.0.0.1,127.0.0.1,\(folder) port=\(port),\(port),5432 user=sluice dbname=postgres"
        )
        try await PostgresConnection.connect(many).close()
        many.hostPreference.doubt()
        let asked = ContinuousClock.now
        let again = try await PostgresConnection.connect(many)
        #expect(asked.duration(to: .now) < .seconds(3))
        #expect(again.server.hasPrefix(String(folder)))
        await again.close()
        var nobody = try PostgresConfiguration("host=/nonexistent,127.0.0.1 port=5432,\(port) user=x")
        nobody.connectTimeout = .milliseconds(100)
        let none = nobody
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(none) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/nonexistent") == true)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        let readOnly = try PostgresConfiguration(
            "host=\(folder) user=sluice dbname=postgres target_session_attrs=read-only"
        )
        await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(readOnly) }

        // Connecting can be given up, too.
        let hanging = try PostgresConfiguration("host=127.0.0.1 port=\(port) user=x connect_timeout=60")
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { _ = try await PostgresConnection.connect(hanging) }
                try await Task.sleep(for: .milliseconds(50))
                tasks.cancelAll()
                try await tasks.waitForAll()
            }
        }
        let late = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(hanging, timeout: .milliseconds(50))
        }
        #expect(late?.code == .unavailable)
        try await silent.close()
        try await group.shutdownGracefully()
    }

    @Test func aListenerOutlivesItsServer() async throws {
        let server = TestServer.make()
        try await server.start()
        let configuration = try PostgresConfiguration(server.connectionString(database: "postgres"))
        var events = PostgresListener(configuration, channels: ["bell"]).makeAsyncIterator()
        #expect(await events.next() == .resync)
        try await server.restart(mode: .immediate)
        #expect(await events.next() == .resync)
        let sender = try await PostgresConnection.connect(configuration)
        try await sender.execute("NOTIFY bell")
        guard case .notification(let notification) = await events.next() else { throw CancellationError() }
        #expect(notification.channel == "bell")
        await sender.close()
        await server.stop(mode: .immediate)
    }
}
