import DevDatabase
import Testing

@testable import Postgres

/// What a pool's callers see of servers that were restarted, are full, or take no writes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct PoolFaultTests {
    private func withServer(
        _ settings: [String: String] = [:],
        _ body: (PrivatePostgres, PostgresConfiguration) async throws -> Void
    ) async throws {
        let server = TestServer.make(settings: settings)
        try await server.start()
        let result: Result<Void, any Error>
        do {
            let configuration = try PostgresConfiguration(server.connectionString(database: "postgres"))
            result = .success(try await body(server, configuration))
        } catch {
            result = .failure(error)
        }
        await server.stop(mode: .immediate)
        try result.get()
    }

    /// Opens all of a pool's connections and gives them back.
    private func fill(_ pool: PostgresPool, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<count { tasks.addTask { try await pool.query("SELECT pg_sleep(0.2)") } }
            try await tasks.waitForAll()
        }
        #expect(pool.statistics.idle == count)
    }

    @Test func nobodyMeetsAConnectionThatARestartHasCut() async throws {
        try await withServer { server, configuration in
            let pool = PostgresPool(configuration, configuration: PostgresPoolConfiguration(maxConnections: 6))
            for mode in [PrivatePostgres.StopMode.fast, .immediate] {
                try await fill(pool, 6)
                try await server.restart(mode: mode)
                for _ in 0..<12 { try await pool.query("SELECT 1") }
            }
            await pool.shutDown()
        }
    }

    @Test func nobodyMeetsAConnectionThatWasTerminated() async throws {
        try await withServer { _, configuration in
            let pool = PostgresPool(configuration, configuration: PostgresPoolConfiguration(maxConnections: 6))
            let admin = try await PostgresConnection.connect(configuration)
            for _ in 0..<5 {
                try await fill(pool, 6)
                try await admin.query(
                    """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                    """
                )
                for _ in 0..<12 { try await pool.query("SELECT 1") }
            }
            await admin.close()
            await pool.shutDown()
        }
    }

    @Test func aServerThatTakesNoWritesIsLeftUntilItDoes() async throws {
        try await withServer { _, configuration in
            let pool = PostgresPool(configuration)
            try await pool.query("CREATE TABLE t (id int8)")
            var forced = try PostgresConfiguration(configuration.redactedDescription + " target_session_attrs=any")
            forced.settings["default_transaction_read_only"] = "off"
            let admin = try await PostgresConnection.connect(forced)
            let pid = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int.self)
            try await admin.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            try await admin.query("SELECT pg_reload_conf()")
            var refusal: PostgresError?
            while refusal == nil {
                do {
                    try await pool.query("INSERT INTO t VALUES (1)")
                } catch let error as PostgresError {
                    refusal = error
                }
            }
            #expect(refusal?.sqlState == .readOnlyTransaction)
            #expect(refusal?.isConnectionFailure == true)
            // The session is given up, and no other is opened on such a server.
            let next = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
            #expect(next?.code == .unavailable)
            #expect(try await admin.query("SELECT FROM pg_stat_activity WHERE pid = \(pid)").isEmpty)
            try await admin.execute("ALTER SYSTEM RESET default_transaction_read_only")
            try await admin.query("SELECT pg_reload_conf()")
            let deadline = ContinuousClock.now.advanced(by: .seconds(30))
            while (try? await pool.query("INSERT INTO t VALUES (2)")) == nil, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await pool.query("SELECT count(*) FROM t WHERE id = 2")[0].decode(Int.self) == 1)
            await admin.close()
            await pool.shutDown()
        }
    }

    @Test func aFullServerRefusesAtOnceAndServesWhoHasAConnection() async throws {
        let settings = ["max_connections": "12", "superuser_reserved_connections": "0", "max_wal_senders": "0"]
        try await withServer(settings) { _, configuration in
            // One pool has its connection already, as the lease's has; another comes too late.
            let renewals = PostgresPool(configuration, configuration: PostgresPoolConfiguration(maxConnections: 1))
            try await renewals.query("SELECT 1")
            var others: [PostgresConnection] = []
            while let connection = try? await PostgresConnection.connect(configuration) { others.append(connection) }
            let late = PostgresPool(configuration)
            let start = ContinuousClock.now
            for _ in 0..<20 {
                let error = await #expect(throws: PostgresError.self) { try await late.query("SELECT 1") }
                #expect(error?.code == .unavailable)
                try await renewals.query("SELECT 1")
            }
            #expect(start.duration(to: .now) < .seconds(20))
            for connection in others { await connection.close() }
            let deadline = ContinuousClock.now.advanced(by: .seconds(30))
            while (try? await late.query("SELECT 1")) == nil, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await late.query("SELECT 1")
            await late.shutDown()
            await renewals.shutDown()
        }
    }
}
