import Foundation
import Logging
import Postgres
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PoolTests {
    private func withPool<Value>(
        _ connections: Int = 2,
        _ adjust: (inout PostgresPoolConfiguration) -> Void = { _ in },
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        var configuration = PostgresPoolConfiguration(maxConnections: connections)
        configuration.acquireTimeout = .seconds(20)
        adjust(&configuration)
        return try await PostgresPool.withPool(
            try await TestServer.shared.configuration(),
            configuration: configuration,
            body
        )
    }

    @Test func connectionsAreSharedAndBounded() async throws {
        try await withPool(3) { pool in
            let pids = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await pool.query("SELECT pg_backend_pid(), pg_sleep(0.001)")[0][0]
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect((1...3).contains(pids.count))
            #expect(pool.statistics.leased == 0)
            #expect(pool.statistics.idle <= 3)
        }
    }

    @Test func anEmptyPoolRefusesAfterTheWait() async throws {
        try await withPool(1, { $0.acquireTimeout = .seconds(2) }) { pool in
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                #expect(error?.code == .poolExhausted)
                #expect(pool.statistics.waiting == 0)
            }
            try await pool.query("SELECT 1")
        }
        try await withPool(1, { $0.maxWaiters = 0 }) { pool in
            try await pool.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
                #expect(error?.code == .poolExhausted)
            }
        }
    }

    @Test func aWaiterCanBeCancelled() async throws {
        try await withPool(1) { pool in
            try await pool.withConnection { _ in
                await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await pool.query("SELECT 1") }
                        while pool.statistics.waiting == 0 { await Task.yield() }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
                #expect(pool.statistics.waiting == 0)
            }
            try await pool.query("SELECT 1")
        }
    }

    @Test func whatACallerLeavesBehindIsCleanedUp() async throws {
        struct Left: Error {}
        try await withPool(1) { pool in
            let pid = try await pool.withConnection { connection in
                try await connection.execute("BEGIN; CREATE TABLE left_behind ()")
                #expect(try await connection.tryAdvisoryLock(99))
                try await connection.listen(to: "left")
                return connection.backendPID
            }
            await #expect(throws: Left.self) {
                try await pool.withTransaction { connection in
                    try await connection.execute("CREATE TABLE left_behind ()")
                    throw Left()
                }
            }
            try await pool.withConnection { connection in
                #expect(connection.backendPID == pid)
                try await expect("SELECT to_regclass('left_behind') IS NULL", true, connection)
                try await expect(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = \(pid)",
                    0,
                    connection
                )
                try await expect("SELECT count(*) FROM pg_listening_channels()", 0, connection)
            }
        }
    }

    @Test func transactionsAndPipelines() async throws {
        try await withPool { pool in
            try await pool.query("CREATE TABLE pool_rows (id int8 PRIMARY KEY)", prepared: false)
            let sum = try await pool.withTransaction { connection in
                try await connection.query("INSERT INTO pool_rows VALUES (1), (2)")
                return try await connection.query("SELECT sum(id)::int8 FROM pool_rows")[0][0, as: Int.self]
            }
            #expect(sum == 3)
            let results = try await pool.pipeline([
                "INSERT INTO pool_rows VALUES (3)", "SELECT count(*) FROM pool_rows",
            ])
            let count = try results[1][0][0, as: Int.self]
            #expect(count == 3)
        }
    }

    @Test func aConnectionThatEndedWhileUnusedIsReplacedUnnoticed() async throws {
        try await withPool(1) { pool in
            try await withConnection { other in
                for _ in 0..<3 {
                    let pid = try await pool.withConnection { $0.backendPID }
                    try await other.query("SELECT pg_terminate_backend(\(pid), 5000)")
                    // Until then the pool trusts a connection it has just seen work.
                    try await Task.sleep(for: .milliseconds(550))
                    try await pool.query("SELECT 1")
                }
            }
        }
    }

    @Test func aConnectionThatEndsInUseIsReplaced() async throws {
        try await withPool(1) { pool in
            try await withConnection { other in
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.withConnection { connection in
                        try await other.query("SELECT pg_terminate_backend(\(connection.backendPID), 5000)")
                        try await connection.query("SELECT 1")
                    }
                }
                #expect(error?.code == .connectionLost)
                #expect(error?.sqlState == .adminShutdown)
                #expect(error?.isConnectionFailure == true)
                try await pool.query("SELECT 1")
            }
        }
    }

    @Test func withoutAServerCallersHearWhy() async throws {
        let pool = PostgresPool(try PostgresConfiguration("host=/nonexistent user=nobody password=s3cret"))
        for _ in 0..<5 {
            let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("/nonexistent") == true)
            #expect(error?.isConnectionFailure == true)
            #expect(error.map { String(reflecting: $0) }?.contains("s3cret") == false)
        }
        await pool.shutDown()
        let closed = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(closed?.code == .poolClosed)
    }

    /// What happened, in order.
    private final class Record: Sendable {
        let events = Mutex<[String]>([])
    }

    @Test func shutdownWaitsForConnectionsInUse() async throws {
        let pool = PostgresPool(try await TestServer.shared.configuration())
        let record = Record()
        let (entered, signal) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let group = ServiceGroup(services: [pool], logger: Logger(label: "test"))
            tasks.addTask {
                try await group.run()
                record.events.withLock { $0.append("ended") }
            }
            tasks.addTask {
                try await pool.withConnection { connection in
                    signal.finish()
                    try await connection.query("SELECT pg_sleep(0.3)")
                    record.events.withLock { $0.append("used") }
                }
            }
            for await _ in entered {}
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(record.events.withLock { $0 } == ["used", "ended"])
        let closed = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1") }
        #expect(closed?.code == .poolClosed)
    }

    @Test func aServiceReplacesConnectionsThatAnswerNothing() async throws {
        var configuration = PostgresPoolConfiguration(maxConnections: 3)
        configuration.pingInterval = .milliseconds(50)
        configuration.pingTimeout = .milliseconds(100)
        let pool = PostgresPool(try await TestServer.shared.configuration(), configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await pool.run() }
            let frozen = try await pool.withConnection { $0.backendPID }
            stop(frozen)
            defer { resume(frozen) }
            // The maintenance finds out, no caller.
            while pool.statistics.idle + pool.statistics.leased > 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await pool.withConnection { $0.backendPID } != frozen)
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    @Test func aRunThatIsCancelledEndsAlthoughAConnectionIsInUse() async throws {
        let pool = PostgresPool(try await TestServer.shared.configuration())
        try await pool.withConnection { _ in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await pool.run() }
                try await Task.sleep(for: .milliseconds(20))
                tasks.cancelAll()
                try await tasks.waitForAll()
            }
        }
    }
}
