import Synchronization

/// Bounds the bytes of message contents in memory: loaders wait until enough has been given back.
///
/// A content larger than the whole budget is let through alone.
final class ByteBudget: Sendable {
    private struct State {
        var used = 0
        var waiters: [(bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let total: Int
    private let state = Mutex(State())

    init(_ total: Int) {
        self.total = total
    }

    /// Waits for room and takes it.
    func take(_ bytes: Int) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.waiters.isEmpty, state.used == 0 || state.used + bytes <= total {
                    state.used += bytes
                    return true
                }
                state.waiters.append((bytes, continuation))
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack(_ bytes: Int) {
        let woken = state.withLock { state in
            state.used -= bytes
            var woken: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiters.first, state.used == 0 || state.used + first.bytes <= total {
                state.used += first.bytes
                woken.append(first.continuation)
                state.waiters.removeFirst()
            }
            return woken
        }
        for continuation in woken { continuation.resume() }
    }
}
