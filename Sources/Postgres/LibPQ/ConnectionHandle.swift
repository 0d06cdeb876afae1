import CLibPQ
import Glibc

/// Owns one `PGconn`: every call on an open connection goes through here, on the connection's own thread.
///
/// The calls never block in libpq: sockets are non-blocking and all waiting happens in `wait`, which also watches a
/// deadline and the wake-up descriptor.
@safe
final class ConnectionHandle {
    private let connection: OpaquePointer
    private let notices = NoticeSink()
    private let wakeUp: WakeUp
    /// Set when input ended or the connection must not be used any more.
    private(set) var isBroken = false

    /// Takes ownership of a connection that has been started.
    fileprivate init(_ connection: OpaquePointer, wakeUp: WakeUp) {
        unsafe self.connection = connection
        self.wakeUp = wakeUp
        unsafe notices.attach(to: connection)
    }

    deinit {
        // Says goodbye to the server without waiting: the socket does not block.
        unsafe PQfinish(connection)
    }

    /// Begins to connect; `advance` goes on.
    static func start(_ parameters: [String: String], wakeUp: WakeUp) throws -> ConnectionHandle {
        let pairs = parameters.sorted { $0.key < $1.key }
        // libpq wants two lists of C strings, each with a null pointer at its end, and copies them.
        var keywords: [UnsafePointer<CChar>?] = unsafe pairs.map { unsafe UnsafePointer(strdup($0.key)) }
        var values: [UnsafePointer<CChar>?] = unsafe pairs.map { unsafe UnsafePointer(strdup($0.value)) }
        defer { unsafe (keywords + values).forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
        unsafe keywords.append(nil)
        unsafe values.append(nil)
        guard let connection = unsafe PQconnectStartParams(keywords, values, 0) else {
            throw PostgresError(.unavailable, "libpq is out of memory")
        }
        return unsafe ConnectionHandle(connection, wakeUp: wakeUp)
    }

    enum Progress {
        case connected, failed, reading, writing
    }

    /// The state right after the start, which may be a failure such as a bad parameter.
    var startProgress: Progress {
        unsafe PQstatus(connection) == CONNECTION_BAD ? .failed : .writing
    }

    /// Goes as far with connecting as is possible without waiting.
    func advance() -> Progress {
        switch unsafe PQconnectPoll(connection) {
        case PGRES_POLLING_OK:
            guard unsafe PQsetnonblocking(connection, 1) == 0 else { return .failed }
            return .connected
        case PGRES_POLLING_READING: return .reading
        case PGRES_POLLING_WRITING: return .writing
        default: return .failed
        }
    }

    // MARK: State

    var backendPID: Int32 { unsafe PQbackendPID(connection) }
    var socket: Int32 { unsafe PQsocket(connection) }
    var serverVersion: Int32 { unsafe PQserverVersion(connection) }
    var errorMessage: String { unsafe String(cString: PQerrorMessage(connection)) }
    /// Host and port, for messages.
    var target: String {
        unsafe "\(String(cString: PQhost(connection))):\(String(cString: PQport(connection)))"
    }

    var isInTransaction: Bool { unsafe PQtransactionStatus(connection) != PQTRANS_IDLE }
    var isLost: Bool { unsafe PQstatus(connection) == CONNECTION_BAD }

    func makeCancelHandle() -> CancelHandle? { unsafe CancelHandle(connection) }
    func takeNotices() -> [Notice] { notices.take() }
    func markBroken() { isBroken = true }

    // MARK: Sending; each call queues and reports whether libpq took it

    func sendScript(_ text: String) -> Bool {
        unsafe PQsendQuery(connection, text) == 1
    }

    func sendPrepare(_ name: String, _ sql: SQL) -> Bool {
        let types = sql.binds.map(\.type.rawValue)
        return unsafe PQsendPrepare(connection, name, sql.text, Int32(types.count), types) == 1
    }

    func sendPrepared(_ name: String, _ sql: SQL) -> Bool {
        unsafe sql.withParameters { values, lengths, formats in
            unsafe PQsendQueryPrepared(connection, name, Int32(lengths.count), values, lengths, formats, 1) == 1
        }
    }

    func sendUnprepared(_ sql: SQL) -> Bool {
        let types = sql.binds.map(\.type.rawValue)
        return unsafe sql.withParameters { values, lengths, formats in
            unsafe PQsendQueryParams(connection, sql.text, Int32(types.count), types, values, lengths, formats, 1) == 1
        }
    }

    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(connection) == 1 }
    func exitPipeline() -> Bool { unsafe PQexitPipelineMode(connection) == 1 }
    func syncPipeline() -> Bool { unsafe PQpipelineSync(connection) == 1 }

    // MARK: Receiving

    /// Whether the next result is not there yet.
    var isBusy: Bool { unsafe PQisBusy(connection) == 1 }

    /// The next result, or `nil` at the end of a statement's results. Does not wait while `isBusy` is false.
    func nextResult() -> ResultHandle? {
        unsafe PQgetResult(connection).map { unsafe ResultHandle($0) }
    }

    /// Whether there is more to write than the socket takes now. A failed write shows as a failed read.
    func flush() -> Bool {
        unsafe PQflush(connection) == 1
    }

    /// Takes what has arrived. Returns false when the connection is gone.
    func consumeInput() -> Bool {
        unsafe PQconsumeInput(connection) == 1
    }

    func nextNotification() -> PostgresNotification? {
        guard let notify = unsafe PQnotifies(connection) else { return nil }
        defer { unsafe PQfreemem(notify) }
        return unsafe PostgresNotification(
            channel: String(cString: notify.pointee.relname),
            payload: String(cString: notify.pointee.extra),
            backendPID: notify.pointee.be_pid
        )
    }

    // MARK: Waiting

    enum Readiness {
        case ready, deadline, woken
    }

    /// Waits until the socket is ready, the deadline passes, or another thread rings the wake-up.
    func wait(reading: Bool, writing: Bool, until deadline: Deadline) -> Readiness {
        let interest = (reading ? Int16(POLLIN) : 0) | (writing ? Int16(POLLOUT) : 0)
        // Without interest the socket is left out, because `poll` reports a hang-up whether asked for or not.
        var descriptors = [
            pollfd(fd: interest == 0 ? -1 : socket, events: interest, revents: 0),
            pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = unsafe poll(&descriptors, nfds_t(descriptors.count), deadline.pollMilliseconds)
            if count > 0 { break }
            if count < 0, errno != EINTR { return .ready }
            if deadline.hasPassed { return .deadline }
        }
        if descriptors[1].revents != 0 {
            wakeUp.clear()
            return .woken
        }
        return .ready
    }
}

extension SQL {
    /// Shows the values as libpq takes them. The pointers hold during the call only.
    fileprivate func withParameters<Result>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Result
    ) -> Result {
        let lengths = binds.map { Int32(max(0, $0.length)) }
        let formats = [Int32](repeating: 1, count: binds.count)
        // An empty value needs a pointer too, because none means NULL.
        return unsafe (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe binds.map { bind in unsafe bind.length < 0 ? nil : base.map { unsafe $0 + bind.offset }
            }
            return unsafe body(values, lengths, formats)
        }
    }
}
