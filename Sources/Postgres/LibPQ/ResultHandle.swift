import CLibPQ

/// Owns one `PGresult` and frees it exactly once. Every read of a result goes through here.
///
/// Unchecked: libpq never changes a result after it handed it out, and each function used below only reads it, so any
/// thread may read; `PQclear` runs when the last reference is gone.
@safe
final class ResultHandle: @unchecked Sendable {
    private let result: OpaquePointer

    /// Takes ownership.
    init(_ result: OpaquePointer) {
        unsafe self.result = result
    }

    deinit {
        unsafe PQclear(result)
    }

    /// What a result is, as far as we tell results apart.
    enum Kind {
        case success, failure, copy, pipelineSync, pipelineAborted
    }

    var kind: Kind {
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .success
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        case PGRES_PIPELINE_SYNC: .pipelineSync
        case PGRES_PIPELINE_ABORTED: .pipelineAborted
        default: .failure
        }
    }

    var rowCount: Int { unsafe Int(PQntuples(result)) }
    var columnCount: Int { unsafe Int(PQnfields(result)) }

    /// The command tag, such as `INSERT 0 5` or `COMMIT`.
    var commandTag: String { unsafe String(cString: PQcmdStatus(result)) }

    /// How many rows the command affected, where its tag says.
    var affectedRows: Int? { unsafe Int(String(cString: PQcmdTuples(result))) }

    func columnName(_ column: Int) -> String {
        unsafe PQfname(result, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    func columnType(_ column: Int) -> PostgresOID {
        unsafe PostgresOID(rawValue: PQftype(result, Int32(column)))
    }

    func isNull(row: Int, column: Int) -> Bool {
        unsafe PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// Reads a field in place; the span does not outlive the call, and the result outlives the span.
    func withField<Value>(row: Int, column: Int, _ body: (RawSpan) throws -> Value) rethrows -> Value {
        let length = unsafe Int(PQgetlength(result, Int32(row), Int32(column)))
        let start = unsafe UnsafeRawPointer(PQgetvalue(result, Int32(row), Int32(column)))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: length).bytes)
    }

    /// One field of the server's diagnostic, if the result is one and has it.
    func diagnostic(_ field: Int32) -> String? {
        unsafe PQresultErrorField(result, field).map { unsafe String(cString: $0) }
    }

    /// The whole message, for errors that libpq made itself and that have no fields.
    var errorMessage: String { unsafe String(cString: PQresultErrorMessage(result)) }
}
