import Synchronization

/// Carries the cancellation of a Swift task to the thread that waits for the server on the task's behalf.
///
/// Each exchange has a number, so that a cancellation that comes late never hits the next one.
final class Interrupt: Sendable {
    struct Ticket: Sendable, Equatable {
        fileprivate let number: UInt64
    }

    private struct State {
        var current: UInt64 = 0
        var isCancelled = false
        /// Whether a cancel request is on its way to the server.
        var requestIsPending = false
    }

    let wakeUp: WakeUp
    private let state = Mutex(State())

    init() throws {
        wakeUp = try WakeUp()
    }

    /// Begins an exchange.
    func begin() -> Ticket {
        state.withLock { state in
            state.current += 1
            state.isCancelled = false
            return Ticket(number: state.current)
        }
    }

    /// Called from any thread when the exchange's task is cancelled.
    func cancel(_ ticket: Ticket) {
        let isCurrent = state.withLock { state in
            guard state.current == ticket.number else { return false }
            state.isCancelled = true
            return true
        }
        if isCurrent { wakeUp.ring() }
    }

    func isCancelled(_ ticket: Ticket) -> Bool {
        state.withLock { $0.current == ticket.number && $0.isCancelled }
    }

    /// Called before a cancel request is sent, and from the sending thread after it.
    func setRequestPending(_ isPending: Bool) {
        state.withLock { $0.requestIsPending = isPending }
        if !isPending { wakeUp.ring() }
    }

    var requestIsPending: Bool {
        state.withLock { $0.requestIsPending }
    }
}
