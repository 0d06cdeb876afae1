import CLibPQ

/// A message that the server sends beside a result, such as a warning.
struct Notice: Sendable {
    var severity: String
    var sqlState: SQLState
    var message: String
    /// The server's function that sent it. Unlike the message it is never translated.
    var function: String

    /// Takes the fields of a notice that libpq shows to a receiver and frees itself.
    init(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String {
            unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) } ?? ""
        }
        severity = field(SLUICE_DIAG_SEVERITY)
        sqlState = SQLState(rawValue: field(SLUICE_DIAG_SQLSTATE))
        message = field(SLUICE_DIAG_MESSAGE)
        function = field(SLUICE_DIAG_FUNCTION)
    }

    /// Whether the server ends the session.
    var endsSession: Bool { severity == "FATAL" || severity == "PANIC" }

    /// Whether the wait for a synchronous standby ended early: the transaction is committed on the primary only and may
    /// vanish with it. (`SyncRepWaitForLSN` in the server's syncrep.c sends no other warning.)
    var cancelsReplicationWait: Bool {
        function == "SyncRepWaitForLSN" && severity == "WARNING"
    }
}
