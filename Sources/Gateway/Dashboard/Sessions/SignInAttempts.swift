import Synchronization

/// Bounds sign-ins: what is refused by where it comes from and in all, so that guessing is told nothing; what succeeds by its key.
/// Whoever has a key is not kept out by those who guess.
final class SignInAttempts: Sendable {
    private static let perSource = 10
    private static let perKey = 10
    private static let total = 200
    private static let period = Duration.seconds(60)

    private struct State {
        var begun: ContinuousClock.Instant?
        var sources: [SourceAddress: Int] = [:]
        var refused = 0
        var keys: [String: Int] = [:]
    }

    private let state = Mutex(State())

    /// Counts a key that was refused; false when it is one too many in this minute.
    func refuse(from source: SourceAddress?, now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            Self.renew(&state, now)
            guard state.refused < Self.total else { return false }
            if let source {
                guard state.sources[source, default: 0] < Self.perSource else { return false }
                state.sources[source, default: 0] += 1
            }
            state.refused += 1
            return true
        }
    }

    /// Counts a session that is about to begin; false when it is one too many of its key in this minute.
    ///
    /// - Parameter holder: a valid key, as the audit names it: there are as many as the directory has.
    func begin(by holder: String, now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            Self.renew(&state, now)
            guard state.keys[holder, default: 0] < Self.perKey else { return false }
            state.keys[holder, default: 0] += 1
            return true
        }
    }

    private static func renew(_ state: inout State, _ now: ContinuousClock.Instant) {
        if state.begun.map({ now - $0 >= period }) ?? true { state = State(begun: now) }
    }
}
