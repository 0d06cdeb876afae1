import Logging
import NIOCore
import NIOPosix
import Synchronization

extension PostgresPool {
    /// A connection that somebody uses.
    struct Lease {
        let id: PoolState.ConnectionID
        let connection: PostgresConnection
    }

    /// Finds or opens a connection, waiting at most `acquireTimeout` for it.
    func acquire(file: String, line: Int) async throws -> Lease {
        let deadline = ContinuousClock.now.advanced(by: configuration.acquireTimeout)
        while true {
            try Task.checkCancellation()
            switch try await grant(until: deadline, (file, line)) {
            case .connect(let id):
                let timeout = ContinuousClock.now.duration(to: deadline)
                return Lease(id: id, connection: try await connect(id, timeout: timeout, (file, line)))
            case .connection(let id):
                guard let connection = shell.withLock({ $0.connections[id] }) else { continue }
                if await !isFit(connection) {
                    finish(id, isUsable: false)
                    continue
                }
                return Lease(id: id, connection: connection)
            }
        }
    }

    /// Whether a connection leads to a server that lives, and that has not been replaced by another.
    private func isFit(_ connection: PostgresConnection) async -> Bool {
        guard !database.hostPreference.isOutdated(connection.timeline) else { return false }
        return await connection.isAlive()
    }

    /// Takes a connection back.
    func release(_ lease: Lease) async {
        let health = lease.connection.health.withLock { $0 }
        var isUsable = health.isOpen
        if isUsable, health.isInTransaction || health.hasSessionState {
            isUsable = await lease.connection.makeReusable()
        }
        if !isUsable { await lease.connection.close() }
        finish(lease.id, isUsable: isUsable)
    }

    /// Tells the state machine that a connection is free, or gone.
    func finish(_ id: PoolState.ConnectionID, isUsable: Bool) {
        perform(shell.withLock { $0.state.released(id, isUsable: isUsable, now: .now) })
    }

    /// Opens the connection that the state machine has made room for.
    func connect(
        _ id: PoolState.ConnectionID,
        timeout: Duration?,
        _ location: (file: String, line: Int)
    ) async throws -> PostgresConnection {
        do {
            let connection = try await PostgresConnection.connect(database, timeout: timeout, logger: logger)
            let jitter = Double.random(in: 0..<1)
            perform(
                shell.withLock { shell in
                    shell.connections[id] = connection
                    shell.counts.opened += 1
                    return shell.state.connected(id, now: .now, jitter: jitter)
                }
            )
            return connection
        } catch var error as PostgresError {
            let jitter = Double.random(in: 0..<1)
            let (actions, isNews) = shell.withLock { shell in
                let wasAvailable = shell.state.statistics.isAvailable
                shell.counts.openFailures += 1
                return (shell.state.connectFailed(id, error, now: .now, jitter: jitter), wasAvailable)
            }
            if isNews { logger.warning("the database cannot be reached", metadata: ["error": "\(error)"]) }
            perform(actions)
            (error.file, error.line) = location
            throw error
        } catch {
            perform(shell.withLock { $0.state.connectAbandoned(id, now: .now) })
            throw error
        }
    }

    private func grant(
        until deadline: ContinuousClock.Instant,
        _ location: (file: String, line: Int)
    ) async throws -> PoolState.Grant {
        let answer = shell.withLock { shell in
            let answer = shell.state.acquireAtOnce(now: .now)
            if case .granted = answer { shell.counts.lent += 1 }
            return answer
        }
        switch answer {
        case .granted(let grant): return grant
        case .refused(let refusal): throw refusal.error(at: location)
        case .wait: break
        }
        let waiter = shell.withLock { shell in
            shell.nextWaiter += 1
            shell.counts.waits += 1
            return shell.nextWaiter
        }
        let started = ContinuousClock.now
        defer { shell.withLock { $0.counts.waited += started.duration(to: .now) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(waiter, continuation, until: deadline, location)
                // A cancellation before this point found no one to tell.
                if Task.isCancelled { abandon(waiter, CancellationError()) }
            }
        } onCancel: {
            abandon(waiter, CancellationError())
        }
    }

    private func enqueue(
        _ waiter: PoolState.WaiterID,
        _ continuation: CheckedContinuation<PoolState.Grant, any Error>,
        until deadline: ContinuousClock.Instant,
        _ location: (file: String, line: Int)
    ) {
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        let timer = NIOSingletons.posixEventLoopGroup.any().scheduleTask(in: TimeAmount(left)) {
            [weak self] () -> Void in
            self?.abandon(waiter, PoolState.Refusal.exhausted.error(at: location))
        }
        let answer = shell.withLock { shell in
            let answer = shell.state.acquire(waiter, now: .now)
            if case .wait = answer {
                shell.waiters[waiter] = Waiter(continuation: continuation, timer: timer, location: location)
            }
            return answer
        }
        switch answer {
        case .wait: return
        case .granted(let grant): continuation.resume(returning: grant)
        case .refused(let refusal): continuation.resume(throwing: refusal.error(at: location))
        }
        timer.cancel()
    }

    /// Ends a caller's wait, unless it has been answered.
    private func abandon(_ id: PoolState.WaiterID, _ error: any Error) {
        let waiter = shell.withLock { shell in
            shell.state.abandon(id) ? shell.waiters.removeValue(forKey: id) : nil
        }
        guard let waiter else { return }
        waiter.timer.cancel()
        waiter.continuation.resume(throwing: error)
    }
}

extension PoolState.Refusal {
    /// What the caller is told.
    func error(at location: (file: String, line: Int)) -> PostgresError {
        switch self {
        case .exhausted:
            return PostgresError(
                .poolExhausted,
                "no connection came free in time",
                file: location.file,
                line: location.line
            )
        case .closed:
            return PostgresError(.poolClosed, "the pool is shutting down", file: location.file, line: location.line)
        case .unavailable(var error):
            (error.file, error.line) = location
            return error
        }
    }
}
