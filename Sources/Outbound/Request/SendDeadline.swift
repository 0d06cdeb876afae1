import Synchronization

/// The instant from which on no request may become complete on the wire, shared by many requests and moved forward
/// while the right to send is renewed (a node's lease, design.md section 4).
///
/// A request that carries it is checked when its connection is ready, again before each piece of its body, and before
/// every write of what the socket did not take at once. One check and the write behind it are microseconds apart.
public final class SendDeadline: Sendable {
    private struct State {
        var instant: ContinuousClock.Instant
        var isRevoked = false
    }

    private let state: Mutex<State>

    public init(_ instant: ContinuousClock.Instant) {
        state = Mutex(State(instant: instant))
    }

    /// The deadline as it stands.
    public var instant: ContinuousClock.Instant {
        state.withLock { $0.instant }
    }

    /// Moves the deadline forward. An earlier instant, and anything after `revoke()`, changes nothing.
    public func extend(to instant: ContinuousClock.Instant) {
        state.withLock { state in
            guard !state.isRevoked else { return }
            state.instant = max(state.instant, instant)
        }
    }

    /// Ends the right to send now and for good: a new lease needs a new deadline.
    public func revoke() {
        state.withLock { state in
            state.isRevoked = true
            state.instant = min(state.instant, .now)
        }
    }

    /// Whether `now` is at or after the deadline.
    public func hasPassed(at now: ContinuousClock.Instant = .now) -> Bool {
        instant <= now
    }
}
