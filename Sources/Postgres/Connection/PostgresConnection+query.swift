import Logging

extension PostgresConnection {
    /// Runs one statement and returns its rows. Outside a transaction it is one by itself.
    ///
    /// The text is prepared when it is first seen, which costs no round trip of its own.
    /// - Parameters:
    ///   - timeout: after which the statement is cancelled at the server and `.timeout` thrown. A statement that may commit
    ///     something is never cancelled: its connection is given up and `.commitOutcomeUnknown` thrown. Without a timeout,
    ///     the configuration's `statementTimeout` holds.
    ///   - prepared: false for a text that is not likely to come again, such as the creation of a partition.
    /// - Throws: ``PostgresError``, or `CancellationError` when the task was cancelled and the statement with it. A
    ///   statement that ended before the cancellation arrived returns its rows.
    @discardableResult
    public func query(
        _ sql: SQL,
        timeout: Duration? = nil,
        prepared: Bool = true,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Rows {
        let deadline = Deadline.after(timeout ?? configuration.responseTimeout)
        return try await interruptible { ticket in
            let handle = try usableHandle(file: file, line: line)
            try Self.check(sql, file: file, line: line)
            let mayCommit = !handle.isInTransaction && !sql.onlyReads
            return try retryingStale(on: handle) {
                var exchange = makeExchange(
                    handle,
                    ticket: ticket,
                    mayCommit: mayCommit,
                    deadline: deadline,
                    file: file,
                    line: line
                )
                if !prepared {
                    try Self.require(handle.sendUnprepared(sql), handle, file: file, line: line)
                    return try result(of: &exchange, handle, file: file, line: line)
                }
                let key = StatementCache.Key(sql)
                guard let name = statements.name(for: key) else {
                    return try prepareAndRun(sql, handle, &exchange, file: file, line: line)
                }
                try Self.require(handle.sendPrepared(name, sql), handle, file: file, line: line)
                do {
                    return try result(of: &exchange, handle, file: file, line: line)
                } catch let error as PostgresError where error.isStaleStatement {
                    statements.discard(key)
                    throw error
                }
            }
        }
    }

    /// Runs a script of any number of statements, without values and without results. All of it is one transaction,
    /// unless it says `BEGIN` and `COMMIT` itself. Without a timeout, only the server's limits hold.
    public func execute(
        _ script: String,
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line
    ) async throws {
        let deadline = Deadline.after(timeout)
        try await interruptible { ticket in
            let handle = try usableHandle(file: file, line: line)
            do {
                _ = try run(script, handle, ticket: ticket, until: deadline, file: file, line: line)
            } catch var error as PostgresError {
                if let position = error.position {
                    let scriptLine = script.prefix(max(0, position - 1)).count(where: \.isNewline) + 1
                    error.message = "line \(scriptLine): \(error.message)"
                }
                throw error
            }
        }
    }

    /// Sends a text without values, and returns the command tags of its statements.
    func run(
        _ script: String,
        _ handle: ConnectionHandle,
        ticket: Interrupt.Ticket?,
        until deadline: Deadline,
        file: String,
        line: Int
    ) throws -> [String] {
        guard !script.utf8.contains(0) else {
            throw PostgresError(.encoding, "a script cannot hold a NUL character", file: file, line: line)
        }
        // `BEGIN` commits nothing, and what has no ticket is not cancelled anyway.
        let mayCommit = !handle.isInTransaction && !SQL.onlyReads(script) && !script.hasPrefix("BEGIN")
        var exchange = makeExchange(
            handle,
            ticket: ticket,
            mayCommit: mayCommit && ticket != nil,
            deadline: deadline,
            file: file,
            line: line
        )
        try Self.require(handle.sendScript(script), handle, file: file, line: line)
        let results = try results(of: &exchange, handle, file: file, line: line)
        if let failure = results.failure { throw exchange.explain(failure) }
        try reportNotices(handle, file: file, line: line)
        return results.successes.map(\.commandTag)
    }

    /// Prepares and runs in one round trip.
    private func prepareAndRun(
        _ sql: SQL,
        _ handle: ConnectionHandle,
        _ exchange: inout Exchange,
        file: String,
        line: Int
    ) throws -> Rows {
        do {
            return try runPipeline([sql], handle, &exchange, file: file, line: line)[0]
        } catch var error as PostgresError {
            error.statementIndex = nil
            throw error
        }
    }

    private func result(
        of exchange: inout Exchange,
        _ handle: ConnectionHandle,
        file: String,
        line: Int
    ) throws -> Rows {
        let results = try results(of: &exchange, handle, file: file, line: line)
        if let failure = results.failure { throw exchange.explain(failure) }
        try reportNotices(handle, file: file, line: line)
        guard let success = results.successes.last else {
            handle.markBroken()
            throw PostgresError(.protocolMisuse, "the server sent no result", file: file, line: line)
        }
        return Rows(success)
    }

    /// Reads results up to the end of the statement.
    func results(
        of exchange: inout Exchange,
        _ handle: ConnectionHandle,
        file: String,
        line: Int
    ) throws -> (successes: [ResultHandle], failure: PostgresError?) {
        var successes: [ResultHandle] = []
        var failure: PostgresError?
        while let result = try exchange.next() {
            switch result.kind {
            case .success: successes.append(result)
            case .failure: failure = failure ?? PostgresError(result, file: file, line: line)
            case .copy, .pipelineSync, .pipelineAborted:
                // The session is in a mode that nothing here can lead it out of.
                handle.markBroken()
                throw PostgresError(.protocolMisuse, "COPY is not supported", file: file, line: line)
            }
            if handle.isBroken { break }
        }
        exchange.finish()
        if failure?.code == .connectionLost { handle.markBroken() }
        if failure == nil, handle.isBroken {
            failure = PostgresError(.connectionLost, "the connection to the server was lost", file: file, line: line)
        }
        return (successes, failure)
    }

    /// Runs work again, once, when the server has lost or outdated a prepared statement. Outside a transaction nothing
    /// of the first run remains.
    func retryingStale<Value>(on handle: ConnectionHandle, _ work: () throws -> Value) throws -> Value {
        let isAlone = !handle.isInTransaction
        do {
            return try work()
        } catch let error as PostgresError where error.isStaleStatement {
            if error.sqlState == .invalidStatementName { statements.removeAll() }
            guard isAlone, !handle.isBroken else { throw error }
            return try work()
        }
    }

    /// Passes notices on: a cancelled wait for the synchronous standby becomes an error, the rest goes to the log.
    func reportNotices(_ handle: ConnectionHandle, file: String, line: Int) throws {
        let notices = handle.takeNotices()
        for notice in notices {
            logger.debug(
                "notice from the database",
                metadata: ["severity": "\(notice.severity)", "sqlstate": "\(notice.sqlState)"]
            )
        }
        if let notice = notices.first(where: \.cancelsReplicationWait) {
            let message = "the commit is not confirmed by the synchronous standby"
            var error = PostgresError(.commitOutcomeUnknown, message, file: file, line: line)
            error.sqlState = notice.sqlState
            error.severity = notice.severity
            throw error
        }
    }

    static func check(_ sql: SQL, file: String, line: Int) throws {
        if var failure = sql.failure {
            failure.file = file
            failure.line = line
            throw failure
        }
        if sql.bindCount > 65_535 {
            throw PostgresError(.encoding, "\(sql.bindCount) values are too many", file: file, line: line)
        }
    }

    /// Throws when libpq did not take what was to be sent: the connection is gone or in no state to send.
    static func require(_ isQueued: Bool, _ handle: ConnectionHandle, file: String, line: Int) throws {
        if isQueued { return }
        handle.markBroken()
        var error = PostgresError(.connectionLost, "the statement could not be sent", file: file, line: line)
        error.detail = handle.errorMessage
        throw error
    }
}
