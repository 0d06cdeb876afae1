import NIOCore
import NIOPosix

/// One round of sending to the server and waiting for its answers, with the rules for giving up on it:
/// when the deadline passes or the task is cancelled the server is asked to cancel, and then has a grace to answer.
///
/// What may commit is never cancelled: the request could meet the commit's wait for the synchronous standby and end it, and
/// the transaction would be there for all to see, on a server that may be lost. A cancelled task waits for the grace;
/// then, and at the deadline, the connection is given up, and the outcome is unknown.
struct Exchange {
    private enum Reason {
        case cancelled, timedOut
    }

    private let handle: ConnectionHandle
    private let interrupt: Interrupt
    /// `nil` for what must not be cancelled.
    private let ticket: Interrupt.Ticket?
    private let canceller: CancelHandle?
    private let mayCommit: Bool
    private let grace: Duration
    private var deadline: Deadline
    private var reason: Reason?
    /// When to ask the server again to cancel: it ignores a request that overtakes the statement.
    private var repetition = Deadline.never
    private var pause: Duration = .milliseconds(50)
    private var location: (file: String, line: Int)

    init(
        handle: ConnectionHandle,
        interrupt: Interrupt,
        ticket: Interrupt.Ticket?,
        canceller: CancelHandle?,
        mayCommit: Bool,
        grace: Duration,
        deadline: Deadline,
        location: (file: String, line: Int)
    ) {
        self.handle = handle
        self.interrupt = interrupt
        self.ticket = ticket
        self.canceller = canceller
        self.mayCommit = mayCommit
        self.grace = grace
        self.deadline = deadline
        self.location = location
    }

    /// Waits for the next result; `nil` ends a statement's results.
    /// - Throws: when the server does not answer even the cancellation, and the connection is therefore given up.
    mutating func next() throws -> ResultHandle? {
        var inputEnded = false
        while !inputEnded {
            let hasMore = handle.flush()
            if !handle.isBusy { break }
            switch handle.wait(reading: true, writing: hasMore, until: deadline.earlier(repetition)) {
            case .ready: inputEnded = !handle.consumeInput()
            case .woken: try stopIfCancelled()
            case .deadline where !deadline.hasPassed: requestCancellation()
            case .deadline: try stop(.timedOut)
            }
        }
        let result = handle.nextResult()
        if handle.isLost { handle.markBroken() }
        return result
    }

    /// Ends the exchange: a cancel request that is still on its way would hit the next one.
    mutating func finish() {
        while interrupt.requestIsPending, !handle.isBroken {
            if handle.wait(reading: false, writing: false, until: deadline) == .deadline { handle.markBroken() }
        }
    }

    /// What the caller is told of a server's error: its own cancellation or timeout, where that was the cause.
    func explain(_ error: PostgresError) -> any Error {
        guard error.sqlState == .queryCanceled, let reason else { return error }
        return Self.error(for: reason, location)
    }

    private mutating func stopIfCancelled() throws {
        guard reason == nil, let ticket, interrupt.isCancelled(ticket) else { return }
        try stop(.cancelled)
    }

    private mutating func stop(_ why: Reason) throws {
        if mayCommit, why == .cancelled, reason == nil {
            reason = why
            deadline = deadline.earlier(.after(grace))
            return
        }
        guard !mayCommit else {
            handle.markBroken()
            throw reason == .cancelled ? CancellationError() : Self.unknownOutcome(location)
        }
        guard reason == nil, canceller != nil, ticket != nil else {
            handle.markBroken()
            throw Self.error(for: reason ?? why, location)
        }
        reason = why
        deadline = .after(grace)
        requestCancellation()
    }

    private mutating func requestCancellation() {
        repetition = .after(pause)
        pause = pause * 2
        guard let canceller, !interrupt.requestIsPending else { return }
        interrupt.setRequestPending(true)
        // `PQcancel` opens a connection and waits on it, so it has a thread where waiting is allowed.
        let interrupt = interrupt
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            _ = canceller.send()
            interrupt.setRequestPending(false)
        }
    }

    private static func unknownOutcome(_ location: (file: String, line: Int)) -> PostgresError {
        PostgresError(
            .commitOutcomeUnknown,
            "the server did not answer within the time allowed; what it was asked may or may not have been done",
            file: location.file,
            line: location.line
        )
    }

    private static func error(for reason: Reason, _ location: (file: String, line: Int)) -> any Error {
        switch reason {
        case .cancelled: CancellationError()
        case .timedOut:
            PostgresError(
                .timeout,
                "the server did not answer within the time allowed",
                file: location.file,
                line: location.line
            )
        }
    }
}
