/// The one error of this module. `description` leaves out what may hold data (detail, hint, the text of data
/// exceptions); `String(reflecting:)` has all of it and belongs in a debugger, not in a log.
public struct PostgresError: Error, Sendable {
    public var code: Code
    /// What happened, in one sentence. For `.server` the server's primary message.
    public var message: String
    /// The server's code, where a server's message is the cause.
    public var sqlState: SQLState?
    /// `ERROR`, `FATAL` or `PANIC`, untranslated, where a server's message is the cause.
    public var severity: String?
    /// May hold values of rows or of the connection string.
    public var detail: String?
    /// May hold values of rows.
    public var hint: String?
    public var schema: String?
    public var table: String?
    /// The column that a constraint or a failed decoding names.
    public var column: String?
    public var constraint: String?
    /// Which statement of a pipeline failed, counted from 0.
    public var statementIndex: Int?
    /// Where the call was made.
    public var file: String
    public var line: Int
    /// The server's function that raised the error; never translated.
    var serverFunction: String?
    /// The character of the statement's text at which the error lies, counted from 1.
    var position: Int?

    public init(_ code: Code, _ message: String, file: String = #fileID, line: Int = #line) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
    }

    /// Whether the same transaction, run again from its start, may well succeed: a serialization failure or a deadlock.
    public var isRetryable: Bool {
        sqlState == .serializationFailure || sqlState == .deadlockDetected
    }

    /// Whether the database could not be reached, went away, or is not the one that takes writes, so that waiting for it
    /// helps.
    public var isConnectionFailure: Bool {
        switch code {
        case .connectionLost, .unavailable: true
        default: sqlState.map(Self.endsSession) ?? false
        }
    }

    /// Whether a prepared statement is gone at the server (`DISCARD`) or its result has other columns now (a migration),
    /// so that preparing it anew helps.
    var isStaleStatement: Bool {
        switch sqlState {
        case .invalidStatementName: true
        case .featureNotSupported: serverFunction == "RevalidateCachedQuery"
        default: false
        }
    }

    /// Whether the server's code is one after which it closes the session, or opens none, or we leave it.
    static func endsSession(_ state: SQLState) -> Bool {
        switch state {
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .idleSessionTimeout, .idleInTransactionTimeout,
            .tooManyConnections, .readOnlyTransaction:
            true
        default: state.conditionClass == "08"
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        var text = "\(code): \(mayHoldData ? "the server refused a value" : message)"
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        for (label, value) in [("table", table), ("column", column), ("constraint", constraint)] {
            if let value { text += ", \(label) \(value)" }
        }
        if let statementIndex { text += ", statement \(statementIndex)" }
        return text
    }

    public var debugDescription: String {
        var text = "\(code): \(message)"
        for (label, value) in [
            ("SQLSTATE", sqlState?.rawValue), ("severity", severity), ("detail", detail), ("hint", hint),
            ("schema", schema), ("table", table), ("column", column), ("constraint", constraint),
            ("statement", statementIndex.map(String.init)),
        ] {
            if let value { text += ", \(label): \(value)" }
        }
        return text + " at \(file):\(line)"
    }

    /// Data exceptions (class 22) quote the refused value, and `RAISE` says whatever a function's author wrote.
    private var mayHoldData: Bool {
        sqlState?.conditionClass == "22" || sqlState == .raiseException
    }
}
