import Synchronization

/// Lets one line a minute into the log, however often it would be written.
final class LogPace: Sendable {
    private static let interval = Duration.seconds(60)

    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex<(times: Int, next: ContinuousClock.Instant?)>((0, nil))

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// How often it has happened since the last line, or nil when it is too soon for another.
    func next() -> Int? {
        let now = now()
        return state.withLock { state in
            state.times += 1
            if let next = state.next, now < next { return nil }
            defer { state = (0, now + Self.interval) }
            return state.times
        }
    }
}
