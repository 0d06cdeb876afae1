public import Logging
import Synchronization

/// One session with the server, on a thread of its own, because its libpq calls wait for the network there.
///
/// One task at a time should use a connection: statements of several tasks run one after the other, but would meet in
/// the same transaction. A connection that broke stays broken; get another one.
public actor PostgresConnection {
    /// What other threads may know of the session without asking its own.
    struct Health {
        var isOpen = false
        var isInTransaction = false
        /// Whether the session holds what outlives a transaction: advisory locks, channels it listens on.
        var hasSessionState = false
        var backendPID: Int32 = 0
        var socket: Int32 = -1
        var timeline: Int64?
        var server = ""
    }

    let configuration: PostgresConfiguration
    let logger: Logger
    let interrupt: Interrupt
    var handle: ConnectionHandle?
    var canceller: CancelHandle?
    var statements: StatementCache
    /// Inside a transaction that was begun to read only.
    var isReadingOnly = false
    nonisolated let health = Mutex(Health())
    private nonisolated let thread = ConnectionThread()

    /// The connection's own thread. Unsafe only in that it does not keep the thread, which this object does.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.executor
    }

    private init(_ configuration: PostgresConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        interrupt = try Interrupt()
        statements = StatementCache(limit: configuration.statementLimit)
    }

    /// Opens a session with the first host that accepts one.
    /// - Parameter timeout: for all hosts together; each host has `connectTimeout`. Looking up a host name is not
    ///   interrupted.
    /// - Throws: ``PostgresError`` of code `.unavailable` that says why each host was no use.
    public static func connect(
        _ configuration: PostgresConfiguration,
        timeout: Duration? = nil,
        logger: Logger = Logger(label: "postgres")
    ) async throws -> PostgresConnection {
        let connection = try PostgresConnection(configuration, logger: logger)
        try await connection.open(until: .after(timeout))
        return connection
    }

    /// Asks all hosts, each with its full time, which of them is the right one; the configuration knows it afterwards.
    static func survey(_ configuration: PostgresConfiguration, logger: Logger) async throws {
        let connection = try PostgresConnection(configuration, logger: logger)
        try await connection.open(until: .never, isHurried: false)
        await connection.close()
    }

    /// Whether statements can be sent. Turns false when the connection is closed or a statement found it broken.
    public nonisolated var isOpen: Bool { health.withLock { $0.isOpen } }

    /// The server process of this session (`pg_backend_pid()`).
    public nonisolated var backendPID: Int32 { health.withLock { $0.backendPID } }

    /// The server's timeline when the session began; nil for that of a standby, and where the server does not say.
    public nonisolated var timeline: Int64? { health.withLock { $0.timeline } }

    /// Host (or folder of the socket) and port of the server.
    public nonisolated var server: String { health.withLock { $0.server } }

    /// Ends the session. What is sent afterwards throws `.connectionLost`.
    public func close() {
        handle = nil
        canceller = nil
        publish()
    }

    /// Makes the session's state known to other threads; called at the end of every exchange.
    func publish() {
        if handle?.isBroken == true {
            handle = nil
            canceller = nil
            configuration.hostPreference.doubt()
        }
        let (isOpen, isInTransaction) = (handle != nil, handle?.isInTransaction ?? false)
        health.withLock { health in
            health.isOpen = isOpen
            health.isInTransaction = isInTransaction
        }
    }

    func noteSessionState(_ hasState: Bool) {
        health.withLock { $0.hasSessionState = hasState }
    }

    /// The open connection.
    func usableHandle(file: String, line: Int) throws -> ConnectionHandle {
        guard let handle else {
            throw PostgresError(.connectionLost, "the connection is closed", file: file, line: line)
        }
        return handle
    }

    /// Runs a piece of work that waits for the server, and lets the task's cancellation reach it.
    func interruptible<Value>(_ work: (Interrupt.Ticket) throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let ticket = interrupt.begin()
        defer { publish() }
        return try await withTaskCancellationHandler {
            // Naming `self` is what keeps this closure on the connection's thread: without it the compiler takes the
            // closure for one of nobody's and runs it on the cooperative pool.
            self.assertIsolated()
            do {
                return try work(ticket)
            } catch let error as PostgresError where error.sqlState == .readOnlyTransaction && !isReadingOnly {
                // No longer the primary, or switched to reading only: another session may find the one that takes writes.
                handle?.markBroken()
                throw error
            }
        } onCancel: { [interrupt] in
            interrupt.cancel(ticket)
        }
    }

    func makeExchange(
        _ handle: ConnectionHandle,
        ticket: Interrupt.Ticket?,
        mayCommit: Bool = false,
        deadline: Deadline,
        file: String,
        line: Int
    ) -> Exchange {
        // Notices of what went before, such as the start of the session, are nobody's.
        _ = handle.takeNotices()
        return Exchange(
            handle: handle,
            interrupt: interrupt,
            ticket: ticket,
            canceller: canceller,
            mayCommit: mayCommit,
            grace: configuration.cancellationGrace,
            deadline: deadline,
            location: (file, line)
        )
    }
}
