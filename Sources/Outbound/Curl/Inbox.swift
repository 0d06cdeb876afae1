import Synchronization

/// What tasks tell the loop's thread, in order. Every continuation put in is resumed exactly once: here, when the loop
/// no longer takes calls, otherwise by the loop.
final class Inbox: Sendable {
    typealias Answer = Result<RawAnswer, OutboundError>

    enum Command: Sendable {
        case start(Call, CheckedContinuation<Answer, Never>)
        case cancel(Call)
        case resetAll(reason: String)
        case stop
    }

    private enum Phase {
        case open, stopping, closed
    }

    private struct State {
        var commands: [Command] = []
        var phase = Phase.open
        /// Whether the loop was already told that there is something to take.
        var isSignalled = false
        var closeWaiters: [CheckedContinuation<Void, Never>] = []

        mutating func add(_ command: Command) -> Bool {
            commands.append(command)
            defer { isSignalled = true }
            return !isSignalled
        }
    }

    private let state = Mutex(State())
    private let signal: WakeSignal

    init(signal: WakeSignal) {
        self.signal = signal
    }

    func start(_ call: Call, _ continuation: CheckedContinuation<Answer, Never>) {
        guard post(.start(call, continuation)) else {
            continuation.resume(returning: .failure(.shutDown()))
            return
        }
    }

    /// Whether the loop will see `command`.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let (isTaken, mustRaise) = state.withLock { state in
            guard state.phase == .open else { return (false, false) }
            if case .stop = command { state.phase = .stopping }
            return (true, state.add(command))
        }
        if mustRaise { signal.raise() }
        return isTaken
    }

    /// Returns once `close()` was called.
    func waitUntilClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.phase != .closed { state.closeWaiters.append(continuation) }
                return state.phase == .closed
            }
            if isClosed { continuation.resume() }
        }
    }
}

/// The loop's side.
extension Inbox {
    func take() -> [Command] {
        state.withLock { state in
            state.isSignalled = false
            guard !state.commands.isEmpty else { return [] }
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// The loop's last act: every call is resolved and libcurl's handles are gone.
    func close() {
        let waiters = state.withLock { state in
            state.phase = .closed
            defer { state.closeWaiters = [] }
            return state.closeWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
