/// A pool all of whose transactions have a scope. It costs no round trip: the scope is set in the message that begins.
public struct ScopedPool: Sendable {
    private let pool: PostgresPool
    private let scope: TransactionScope

    fileprivate init(pool: PostgresPool, scope: TransactionScope) {
        self.pool = pool
        self.scope = scope
    }

    /// As ``PostgresPool/query(_:timeout:prepared:file:line:)``.
    @discardableResult
    public func query(
        _ sql: SQL,
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> Rows {
        let rows = try await pipeline([sql], timeout: timeout, file: file, line: line)
        guard let answer = rows.first else {
            throw PostgresError(.protocolMisuse, "the server sent no result", file: file, line: line)
        }
        return answer
    }

    /// As ``PostgresPool/pipeline(_:timeout:file:line:)``.
    @discardableResult
    public func pipeline(
        _ statements: [SQL],
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line
    ) async throws -> [Rows] {
        if statements.isEmpty { return [] }
        do {
            let rows = try await pool.pipeline([scope.statement] + statements, timeout: timeout, file: file, line: line)
            return Array(rows.dropFirst())
        } catch var error as PostgresError {
            // Counted without the one that sets the scope.
            error.statementIndex = error.statementIndex.map { max(0, $0 - 1) }
            if error.code == .commitOutcomeUnknown, statements.allSatisfy(\.onlyReads) { error.code = .connectionLost }
            throw error
        }
    }

    /// As ``PostgresPool/withTransaction(isolation:readOnly:timeout:file:line:_:)``.
    @discardableResult
    public func withTransaction<Value>(
        isolation: IsolationLevel = .readCommitted,
        readOnly: Bool = false,
        timeout: Duration? = nil,
        file: String = #fileID,
        line: Int = #line,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await pool.withConnection(file: file, line: line) { connection in
            try await connection.transaction(
                isolation: isolation,
                readOnly: readOnly,
                scope: scope,
                timeout: timeout,
                file: file,
                line: line,
                body
            )
        }
    }

    /// As ``PostgresPool/withReading(statementsWithin:file:line:_:)``.
    public func withReading<Value>(
        statementsWithin limit: Duration,
        file: String = #fileID,
        line: Int = #line,
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await withTransaction(isolation: .repeatableRead, readOnly: true, file: file, line: line) { connection in
            try await connection.execute("SET LOCAL statement_timeout = \(limit.wholeMilliseconds)")
            return try await body(connection)
        }
    }
}

extension PostgresPool {
    /// The pool for transactions of that scope.
    public func scoped(to scope: TransactionScope) -> ScopedPool {
        ScopedPool(pool: self, scope: scope)
    }
}
