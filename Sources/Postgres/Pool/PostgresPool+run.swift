import Logging
import ServiceLifecycle
import Synchronization

extension PostgresPool {
    /// Looks after the pool until the graceful shutdown, and then waits for the connections that are in use.
    public func run() async throws {
        shell.withLock { $0.state.isMaintained = true }
        defer { shell.withLock { $0.state.isMaintained = false } }
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup { group in
                    group.addTask { try await self.maintain() }
                    group.addTask { try await self.watchHosts() }
                    try await group.waitForAll()
                }
            }
        } catch is CancellationError {}
        await shutDown()
    }

    /// Closes the pool: waits for the connections that are in use, unless the task is cancelled.
    public func shutDown() async {
        perform(shell.withLock { $0.state.close() })
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFinished = shell.withLock { shell in
                    if !shell.isFinished { shell.finishing.append(continuation) }
                    return shell.isFinished
                }
                if isFinished { continuation.resume() }
                if Task.isCancelled { stopWaiting() }
            }
        } onCancel: {
            stopWaiting()
        }
    }

    /// Those who wait for the end of the pool wait no longer; what is still in use is closed by its users.
    private func stopWaiting() {
        let finishing = shell.withLock { shell in
            defer { shell.finishing = [] }
            return shell.finishing
        }
        for continuation in finishing { continuation.resume() }
    }

    private func maintain() async throws {
        while true {
            let now = ContinuousClock.now
            let actions = shell.withLock { $0.state.tick(now: now) }
            perform(actions)
            // Together, so that a server that answers nothing costs the time of one connection and not of all.
            await withTaskGroup(of: Void.self) { group in
                for action in actions {
                    switch action {
                    case .check(let id): group.addTask { await self.check(id) }
                    case .connect(let id): group.addTask { await self.reconnect(id) }
                    case .resume, .refuse, .close, .finished: break
                    }
                }
            }
            let next = shell.withLock { $0.state.nextTick(after: now) }
            try await Task.sleep(until: next, clock: .continuous)
        }
    }

    /// Asks an unused connection for a sign of life.
    private func check(_ id: PoolState.ConnectionID) async {
        guard let connection = shell.withLock({ $0.connections[id] }) else { return }
        do {
            try await connection.ping(timeout: configuration.pingTimeout)
            finish(id, isUsable: connection.isOpen)
        } catch {
            await connection.close()
            finish(id, isUsable: false)
        }
    }

    /// A host that did not answer may be back and have replaced the one in use. If so, its timeline is known afterwards, and
    /// no connection to the old one is lent any more.
    private func watchHosts() async throws {
        while true {
            try await Task.sleep(for: .seconds(1))
            guard database.hostPreference.isTimeToAsk(now: .now) else { continue }
            do {
                try await PostgresConnection.survey(database, logger: logger)
            } catch let error as PostgresError {
                logger.debug("no host of the database answers", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Looks whether the server is back.
    private func reconnect(_ id: PoolState.ConnectionID) async {
        do {
            _ = try await connect(id, timeout: nil, (#fileID, #line))
            finish(id, isUsable: true)
            logger.info("the database can be reached again")
        } catch let error as PostgresError {
            logger.debug("the database still cannot be reached", metadata: ["error": "\(error)"])
        } catch {
            // Cancelled; the loop ends with its next wait.
        }
    }
}
