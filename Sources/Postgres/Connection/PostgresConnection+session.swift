import Synchronization

extension PostgresConnection {
    /// Subscribes the session to a channel. Inside a transaction it takes effect with the commit.
    public func listen(to channel: String, timeout: Duration? = nil) async throws {
        noteSessionState(true)
        try await query("LISTEN \(identifier: channel)", timeout: timeout, prepared: false)
    }

    /// Returns the notifications that have come, waiting at most so long for the first. The connection does nothing
    /// else meanwhile. Empty when none came.
    /// - Throws: ``PostgresError`` of code `.connectionLost`, or `CancellationError`.
    public func notifications(
        wait timeout: Duration,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [PostgresNotification] {
        let deadline = Deadline.after(timeout)
        return try await interruptible { ticket in
            let handle = try usableHandle(file: file, line: line)
            while true {
                let isConnected = handle.consumeInput()
                var notifications: [PostgresNotification] = []
                while let next = handle.nextNotification() { notifications.append(next) }
                if !notifications.isEmpty { return notifications }
                guard isConnected else {
                    handle.markBroken()
                    throw PostgresError(
                        .connectionLost,
                        "the connection to the server was lost",
                        file: file,
                        line: line
                    )
                }
                switch handle.wait(reading: true, writing: false, until: deadline) {
                case .ready: continue
                case .deadline: return []
                case .woken: if interrupt.isCancelled(ticket) { throw CancellationError() }
                }
            }
        }
    }

    /// Asks the server for a sign of life: one round trip with an empty statement. A connection that gives none in time is
    /// given up at once, and so is one to a primary that has been replaced.
    /// - Throws: ``PostgresError`` of code `.timeout` or `.connectionLost`.
    public func ping(timeout: Duration, file: String = #fileID, line: Int = #line) throws {
        defer { publish() }
        let handle = try usableHandle(file: file, line: line)
        guard !configuration.hostPreference.isOutdated(timeline) else {
            handle.markBroken()
            throw PostgresError(.connectionLost, "\(server) has been replaced", file: file, line: line)
        }
        _ = try run("", handle, ticket: nil, until: .after(timeout), file: file, line: line)
    }

    /// Looks whether the server has hung up, without asking it: an idle session has nothing to read, unless it is a farewell.
    /// Only for whoever has the connection to himself.
    nonisolated func isAlive() async -> Bool {
        let (isOpen, socket) = health.withLock { ($0.isOpen, $0.socket) }
        guard isOpen else { return false }
        if SocketLook.isSilent(socket) { return true }
        return await isStillConnected()
    }

    private func isStillConnected() -> Bool {
        defer { publish() }
        guard let handle else { return false }
        while !handle.isBroken, handle.wait(reading: true, writing: false, until: .after(.zero)) == .ready {
            if !handle.consumeInput() { handle.markBroken() }
        }
        // The farewell of a server that ends a session nobody uses is a notice to libpq.
        if !handle.isBusy, handle.takeNotices().contains(where: \.endsSession) { handle.markBroken() }
        return !handle.isBroken && !handle.isLost
    }

    /// Makes a session that somebody used fit for the next: no transaction, no session locks, no channels.
    /// Returns false when it cannot be used again.
    func makeReusable() -> Bool {
        rollback()
        guard let handle else { return false }
        if health.withLock({ $0.hasSessionState }) {
            do {
                let script = "SELECT pg_advisory_unlock_all(); UNLISTEN *"
                let deadline = Deadline.after(configuration.cancellationGrace)
                _ = try run(script, handle, ticket: nil, until: deadline, file: #fileID, line: #line)
                while handle.nextNotification() != nil {}
                noteSessionState(false)
            } catch {
                handle.markBroken()
            }
        }
        publish()
        return self.handle != nil
    }
}
