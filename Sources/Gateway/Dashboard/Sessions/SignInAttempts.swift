import Synchronization

/// Bounds attempts to sign in, by where they come from and in all. A key cannot be guessed; this keeps guessing from costing anything.
final class SignInAttempts: Sendable {
    private static let perSource = 10
    private static let total = 200
    private static let period = Duration.seconds(60)

    private struct State {
        var begun: ContinuousClock.Instant?
        var sources: [SourceAddress: Int] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Counts an attempt; false when it is one too many in this minute.
    func take(from source: SourceAddress?, now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            if state.begun.map({ now - $0 >= Self.period }) ?? true { state = State(begun: now) }
            guard state.count < Self.total else { return false }
            if let source {
                guard state.sources[source, default: 0] < Self.perSource else { return false }
                state.sources[source, default: 0] += 1
            }
            state.count += 1
            return true
        }
    }
}
