import Logging
import Synchronization

/// Logs what goes wrong again and again: when it begins, once a minute, and when it is over.
final class FailureStreak: Sendable {
    private struct State {
        var failures = 0
        var nextLog: ContinuousClock.Instant?
    }

    private static let interval = Duration.seconds(60)

    private let account: String
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(account: String, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.account = account
        self.logger = logger
        self.now = now
    }

    func failed(_ message: Logger.Message, error: String) {
        let failures: Int? = state.withLock { state in
            state.failures += 1
            let now = now()
            guard state.nextLog.map({ now >= $0 }) ?? true else { return nil }
            state.nextLog = now + Self.interval
            return state.failures
        }
        guard let failures else { return }
        logger.warning(
            message,
            metadata: ["account": "\(account)", "error": "\(error)", "failures": "\(failures)"]
        )
    }

    func worked(_ message: Logger.Message) {
        let failures = state.withLock { state in
            defer { state = State() }
            return state.failures
        }
        guard failures > 0 else { return }
        logger.info(message, metadata: ["account": "\(account)", "failures": "\(failures)"])
    }
}
