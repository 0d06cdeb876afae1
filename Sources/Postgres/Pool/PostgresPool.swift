public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// A bounded number of connections, opened when needed and shared by turns.
///
/// While the server is down, callers fail at once with `.unavailable` and the reason. As a service the pool looks for the
/// server's return itself, keeps unused connections fresh, and on shutdown waits until those in use have come back.
/// Without `run` it works too: then callers look for the server, one at a time and after a pause that grows.
public final class PostgresPool: Service, Sendable {
    struct Shell {
        var state: PoolState
        var connections: [PoolState.ConnectionID: PostgresConnection] = [:]
        var waiters: [PoolState.WaiterID: Waiter] = [:]
        var nextWaiter = 0
        var counts = PostgresPoolCounts()
        var isFinished = false
        var finishing: [CheckedContinuation<Void, Never>] = []
    }

    struct Waiter {
        var continuation: CheckedContinuation<PoolState.Grant, any Error>
        var timer: Scheduled<Void>
        var location: (file: String, line: Int)
    }

    let database: PostgresConfiguration
    let configuration: PostgresPoolConfiguration
    let logger: Logger
    let shell: Mutex<Shell>

    public init(
        _ database: PostgresConfiguration,
        configuration: PostgresPoolConfiguration = PostgresPoolConfiguration(),
        logger: Logger = Logger(label: "postgres")
    ) {
        self.database = database
        self.configuration = configuration
        self.logger = logger
        shell = Mutex(Shell(state: PoolState(configuration)))
    }

    /// What the pool has now.
    public var statistics: PostgresPoolStatistics {
        shell.withLock { $0.state.statistics }
    }

    /// Connections that it may have at once.
    public var maxConnections: Int { configuration.maxConnections }

    /// What the pool has done so far.
    public var counts: PostgresPoolCounts { shell.withLock { $0.counts } }

    /// Makes a pool for the time that `body` takes, for programs that run no services.
    @discardableResult
    public static func withPool<Value>(
        _ database: PostgresConfiguration,
        configuration: PostgresPoolConfiguration = PostgresPoolConfiguration(),
        logger: Logger = Logger(label: "postgres"),
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(database, configuration: configuration, logger: logger)
        do {
            let value = try await body(pool)
            await pool.shutDown()
            return value
        } catch {
            await pool.shutDown()
            throw error
        }
    }

    /// Lends a connection to `body` for its duration only. What it leaves behind (an open transaction, session locks,
    /// subscriptions) is cleaned up.
    /// - Throws: what `body` throws; ``PostgresError`` of code `.poolExhausted`, `.unavailable` or `.poolClosed` when
    ///   there is no connection; `CancellationError`.
    @discardableResult
    public func withConnection<Value>(
        file: String = #fileID,
        line: Int = #line,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let lease: Lease
        do {
            lease = try await acquire(file: file, line: line)
        } catch {
            count(error)
            throw error
        }
        do {
            let value = try await body(lease.connection)
            await release(lease)
            return value
        } catch {
            count(error)
            await release(lease)
            throw error
        }
    }

    private func count(_ error: any Error) {
        guard let error = error as? PostgresError else { return }
        shell.withLock { $0.counts.errors[error.code, default: 0] += 1 }
    }

    /// ``PostgresConnection/query(_:timeout:prepared:file:line:)`` on a connection of the pool.
    @discardableResult
    public func query(
        _ sql: SQL,
        timeout: Duration? = nil,
        prepared: Bool = true,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Rows {
        try await withConnection(file: file, line: line) { connection in
            try await connection.query(sql, timeout: timeout, prepared: prepared, file: file, line: line)
        }
    }

    /// ``PostgresConnection/pipeline(_:timeout:file:line:)`` on a connection of the pool.
    @discardableResult
    public func pipeline(
        _ statements: [SQL],
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [Rows] {
        try await withConnection(file: file, line: line) { connection in
            try await connection.pipeline(statements, timeout: timeout, file: file, line: line)
        }
    }

    /// ``PostgresConnection/transaction(isolation:readOnly:timeout:file:line:_:)`` on a connection of the pool.
    @discardableResult
    public func withTransaction<Value>(
        isolation: IsolationLevel = .readCommitted,
        readOnly: Bool = false,
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(file: file, line: line) { connection in
            try await connection.transaction(
                isolation: isolation,
                readOnly: readOnly,
                timeout: timeout,
                file: file,
                line: line,
                body
            )
        }
    }

    /// Carries out what the state machine asks for, except for what only `run` does.
    func perform(_ actions: [PoolState.Action]) {
        for action in actions {
            switch action {
            case .resume(let waiter, let grant): answer(waiter, .success(grant))
            case .refuse(let waiter, let refusal): answer(waiter, .failure(refusal))
            case .close(let id): _ = shell.withLock { $0.connections.removeValue(forKey: id) }
            case .finished:
                let finishing = shell.withLock { shell in
                    shell.isFinished = true
                    defer { shell.finishing = [] }
                    return shell.finishing
                }
                for continuation in finishing { continuation.resume() }
            case .check, .connect: break
            }
        }
    }

    private func answer(_ waiter: PoolState.WaiterID, _ result: Result<PoolState.Grant, PoolState.Refusal>) {
        guard let waiter = shell.withLock({ $0.waiters.removeValue(forKey: waiter) }) else { return }
        waiter.timer.cancel()
        switch result {
        case .success(let grant): waiter.continuation.resume(returning: grant)
        case .failure(let refusal): waiter.continuation.resume(throwing: refusal.error(at: waiter.location))
        }
    }
}
