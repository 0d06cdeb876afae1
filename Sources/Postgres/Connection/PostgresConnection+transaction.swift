extension PostgresConnection {
    /// Runs `body` inside a transaction, which is committed when it returns and rolled back when it throws.
    ///
    /// The commit is never cancelled, neither by the task's cancellation nor when its time is over, and the rollback is not
    /// either.
    /// - Parameters:
    ///   - scope: the rights and settings that it works with.
    ///   - timeout: how long the beginning may take, and how long the commit; the configuration's `commitTimeout` where
    ///     nothing is said. Afterwards the connection is given up.
    /// - Throws: what `body` throws; ``PostgresError`` of code `.commitOutcomeUnknown` when nobody can tell whether the
    ///   transaction is durable, `.transactionAborted` when `body` swallowed the error of a statement.
    @discardableResult
    public nonisolated func transaction<Value>(
        isolation: IsolationLevel = .readCommitted,
        readOnly: Bool = false,
        scope: TransactionScope? = nil,
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await begin(isolation, readOnly: readOnly, scope: scope, timeout: timeout, file: file, line: line)
        let value: Value
        do {
            value = try await body(self)
        } catch {
            await rollback()
            throw error
        }
        try await commit(timeout: timeout ?? configuration.commitTimeout, file: file, line: line)
        return value
    }

    private func begin(
        _ isolation: IsolationLevel,
        readOnly: Bool,
        scope: TransactionScope?,
        timeout: Duration?,
        file: String,
        line: Int
    ) async throws {
        try await interruptible { ticket in
            let handle = try usableHandle(file: file, line: line)
            guard !handle.isInTransaction else {
                let message = "a transaction cannot begin inside another"
                throw PostgresError(.protocolMisuse, message, file: file, line: line)
            }
            var statement = "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")"
            if let scope { statement += "; \(scope.script)" }
            let deadline = Deadline.after(timeout ?? configuration.responseTimeout)
            do {
                _ = try run(statement, handle, ticket: ticket, until: deadline, file: file, line: line)
            } catch {
                // Begun, and without its scope.
                rollback()
                throw error
            }
            isReadingOnly = readOnly
        }
    }

    /// Ends the transaction without its effects. A connection on which that fails is given up, which does the same.
    func rollback() {
        defer { publish() }
        isReadingOnly = false
        guard let handle, handle.isInTransaction else { return }
        do {
            let deadline = Deadline.after(configuration.cancellationGrace)
            _ = try run("ROLLBACK", handle, ticket: nil, until: deadline, file: #fileID, line: #line)
        } catch {
            handle.markBroken()
        }
    }

    private func commit(timeout: Duration?, file: String, line: Int) throws {
        defer { publish() }
        isReadingOnly = false
        guard let handle else {
            // Not sent, so the server rolled back when it saw the session end.
            throw PostgresError(.connectionLost, "the connection broke before the commit", file: file, line: line)
        }
        let deadline = Deadline.after(timeout)
        var exchange = makeExchange(handle, ticket: nil, deadline: deadline, file: file, line: line)
        try Self.require(handle.sendScript("COMMIT"), handle, file: file, line: line)
        let results: (successes: [ResultHandle], failure: PostgresError?)
        do {
            results = try self.results(of: &exchange, handle, file: file, line: line)
        } catch let error as PostgresError where error.code == .timeout {
            throw Self.unknownOutcome(of: error)
        }
        switch results.successes.first?.commandTag {
        case "COMMIT":
            // The answer comes after the commit; a connection that breaks behind it takes nothing back.
            try reportNotices(handle, file: file, line: line)
        case .some:
            let message = "the transaction was rolled back, because one of its statements had failed"
            throw PostgresError(.transactionAborted, message, file: file, line: line)
        case nil:
            guard let failure = results.failure, failure.code == .server else {
                throw Self.unknownOutcome(of: results.failure)
            }
            throw failure
        }
    }

    private static func unknownOutcome(of error: PostgresError?) -> PostgresError {
        var unknown = error ?? PostgresError(.commitOutcomeUnknown, "")
        unknown.code = .commitOutcomeUnknown
        unknown.message = "the connection was lost during the commit, which may or may not have happened"
        return unknown
    }
}
