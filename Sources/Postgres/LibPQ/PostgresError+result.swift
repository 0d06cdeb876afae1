import CLibPQ

extension PostgresError {
    /// The error that a failed result describes. Without a SQLSTATE libpq made it, because the connection broke.
    init(_ result: ResultHandle, file: String, line: Int) {
        let sqlState = result.diagnostic(SLUICE_DIAG_SQLSTATE).map(SQLState.init(rawValue:))
        let severity = result.diagnostic(SLUICE_DIAG_SEVERITY)
        guard let sqlState else {
            self.init(.connectionLost, "the connection to the server was lost", file: file, line: line)
            detail = result.errorMessage
            return
        }
        let isFatal = severity == "FATAL" || severity == "PANIC"
        let message = result.diagnostic(SLUICE_DIAG_MESSAGE) ?? ""
        self.init(isFatal ? .connectionLost : .server, message, file: file, line: line)
        self.sqlState = sqlState
        self.severity = severity
        detail = result.diagnostic(SLUICE_DIAG_DETAIL)
        hint = result.diagnostic(SLUICE_DIAG_HINT)
        schema = result.diagnostic(SLUICE_DIAG_SCHEMA)
        table = result.diagnostic(SLUICE_DIAG_TABLE)
        column = result.diagnostic(SLUICE_DIAG_COLUMN)
        constraint = result.diagnostic(SLUICE_DIAG_CONSTRAINT)
        serverFunction = result.diagnostic(SLUICE_DIAG_FUNCTION)
        position = result.diagnostic(SLUICE_DIAG_POSITION).flatMap(Int.init)
    }
}
