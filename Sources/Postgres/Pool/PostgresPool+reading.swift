extension PostgresPool {
    /// Runs `body` in a transaction that only reads, sees one state of the database in all of its statements, and in which the
    /// server ends each statement after `limit`: for what others may ask for often, and in ways that may take long.
    ///
    /// - Throws: what `body` throws; ``PostgresError`` with `.queryCanceled` when a statement took too long.
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
