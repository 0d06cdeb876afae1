extension PostgresConnection {
    /// Sends all statements at once and reads all results: one round trip, and outside a transaction one implicit
    /// transaction with one commit.
    /// - Throws: ``PostgresError`` whose `statementIndex` names the statement that failed; then none has any effect. When
    ///   the connection breaks, `.commitOutcomeUnknown`, unless a transaction of the caller's encloses the pipeline.
    @discardableResult
    public func pipeline(
        _ statements: [SQL],
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [Rows] {
        if statements.isEmpty { return [] }
        let deadline = Deadline.after(timeout ?? configuration.responseTimeout)
        return try await interruptible { ticket in
            let handle = try usableHandle(file: file, line: line)
            for statement in statements { try Self.check(statement, file: file, line: line) }
            let isAlone = !handle.isInTransaction
            let mayCommit = isAlone && !statements.allSatisfy(\.onlyReads)
            do {
                return try retryingStale(on: handle) {
                    var exchange = makeExchange(
                        handle,
                        ticket: ticket,
                        mayCommit: mayCommit,
                        deadline: deadline,
                        file: file,
                        line: line
                    )
                    return try runPipeline(statements, handle, &exchange, file: file, line: line)
                }
            } catch var error as PostgresError where error.code == .connectionLost && isAlone {
                error.code = .commitOutcomeUnknown
                throw error
            }
        }
    }

    /// What was queued, in order; each has its own results.
    private enum Step {
        case free(name: String)
        case prepare(StatementCache.Key, index: Int)
        case run(StatementCache.Key, index: Int)

        /// The caller's statement that this is for.
        var index: Int {
            switch self {
            case .free: 0
            case .prepare(_, let index), .run(_, let index): index
            }
        }
    }

    /// Queues the statements, preparing those that are new, and reads everything up to the synchronisation point.
    func runPipeline(
        _ sqls: [SQL],
        _ handle: ConnectionHandle,
        _ exchange: inout Exchange,
        file: String,
        line: Int
    ) throws -> [Rows] {
        try Self.require(handle.enterPipeline(), handle, file: file, line: line)
        var unconfirmed: Set<StatementCache.Key> = []
        defer {
            for key in unconfirmed { statements.remove(key) }
        }
        let steps = try queue(sqls, handle, &unconfirmed, file: file, line: line)
        try Self.require(handle.syncPipeline(), handle, file: file, line: line)

        var rows: [Rows] = []
        var failure: PostgresError?
        for step in steps where !handle.isBroken {
            while let result = try exchange.next() {
                switch (result.kind, step) {
                case (.success, .free(let name)): statements.freed(name)
                case (.success, .prepare(let key, _)): unconfirmed.remove(key)
                case (.success, .run): rows.append(Rows(result))
                case (.failure, _) where failure == nil:
                    failure = PostgresError(result, file: file, line: line)
                    failure?.statementIndex = step.index
                    if case .run(let key, _) = step, failure?.isStaleStatement == true { statements.discard(key) }
                case (.failure, _), (.pipelineAborted, _): break
                case (.copy, _), (.pipelineSync, _):
                    handle.markBroken()
                    throw PostgresError(.protocolMisuse, "COPY is not supported", file: file, line: line)
                }
                if handle.isBroken { break }
            }
        }
        try leavePipeline(handle, &exchange, &failure, file: file, line: line)
        if let failure { throw exchange.explain(failure) }
        try reportNotices(handle, file: file, line: line)
        return rows
    }

    private func queue(
        _ sqls: [SQL],
        _ handle: ConnectionHandle,
        _ unconfirmed: inout Set<StatementCache.Key>,
        file: String,
        line: Int
    ) throws -> [Step] {
        var steps: [Step] = []
        for (index, sql) in sqls.enumerated() {
            let key = StatementCache.Key(sql)
            var known = statements.name(for: key)
            if known == nil {
                let name = statements.add(key)
                unconfirmed.insert(key)
                try Self.require(handle.sendPrepare(name, sql), handle, file: file, line: line)
                steps.append(.prepare(key, index: index))
                known = name
            }
            if let known {
                try Self.require(handle.sendPrepared(known, sql), handle, file: file, line: line)
                steps.append(.run(key, index: index))
            }
        }
        for name in statements.discarded {
            let sql = SQL(raw: "DEALLOCATE \(name)")
            try Self.require(handle.sendUnprepared(sql), handle, file: file, line: line)
            steps.append(.free(name: name))
        }
        return steps
    }

    /// Reads the answer to the synchronisation point, which is also the commit.
    private func leavePipeline(
        _ handle: ConnectionHandle,
        _ exchange: inout Exchange,
        _ failure: inout PostgresError?,
        file: String,
        line: Int
    ) throws {
        // A failure of the commit itself, such as a deferred constraint, comes first and has an end of its own.
        var ends = 0
        while !handle.isBroken, ends < 2 {
            let result = try exchange.next()
            if result?.kind == .pipelineSync { break }
            if let result, result.kind == .failure, failure == nil {
                failure = PostgresError(result, file: file, line: line)
            }
            if result == nil { ends += 1 }
        }
        exchange.finish()
        if failure?.code == .connectionLost { handle.markBroken() }
        if !handle.isBroken, !handle.exitPipeline() { handle.markBroken() }
        if failure == nil, handle.isBroken {
            failure = PostgresError(.connectionLost, "the connection to the server was lost", file: file, line: line)
        }
    }
}
