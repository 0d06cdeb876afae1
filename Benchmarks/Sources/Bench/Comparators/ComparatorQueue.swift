import Synchronization

/// What waits at one of a comparator's nodes.
final class ComparatorQueue: Sendable {
    private struct State {
        var waiting = 0
        var idle: Int
    }

    private let state: Mutex<State>

    /// - Parameter workers: how many calls may be under way.
    init(workers: Int) {
        state = Mutex(State(idle: workers))
    }

    func add(_ recipients: Int) {
        state.withLock { $0.waiting += recipients }
    }

    /// Begins as many calls as there are workers, waiting recipients and permits for.
    func begin(_ limiter: inout some Limiter, at now: Int64) -> Int {
        let wanted = state.withLock { min($0.waiting, $0.idle) }
        let taken = wanted > 0 ? limiter.take(wanted, at: now) : 0
        state.withLock { state in
            state.waiting -= taken
            state.idle -= taken
        }
        return taken
    }

    /// Ends a call; one that was refused waits again.
    func end(isRefused: Bool) {
        state.withLock { state in
            state.idle += 1
            if isRefused { state.waiting += 1 }
        }
    }
}
