public import Logging
public import Outbound
import Synchronization

/// Credentials that are always fresh: found at the first call, renewed ahead of their end.
///
/// From 15 minutes before the end one caller renews them while the others go on with the old ones; from 10 minutes before,
/// callers wait for that one. A renewal that fails leaves the old ones in use until they end. Any number of callers share one
/// fetch, which runs in the task of one of them; when that task is cancelled, the next one takes over. Where a service runs
/// ``keepFresh()``, no caller comes to wait for a renewal.
public final class CredentialProvider: Sendable {
    private struct Shared {
        var state = CredentialState()
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let shared = Mutex(Shared())
    private let time: TimeSource
    private let logger: Logger
    private let fetch: @Sendable () async throws(AWSError) -> AWSCredentials

    init(
        time: TimeSource = .system,
        logger: Logger = Logger(label: "sluice.aws"),
        fetch: @escaping @Sendable () async throws(AWSError) -> AWSCredentials
    ) {
        self.time = time
        self.logger = logger
        self.fetch = fetch
    }

    /// Finds `selection` in the surroundings that `settings` describes. `client` asks STS and the metadata endpoints.
    public convenience init(
        _ selection: CredentialSelection,
        settings: CredentialSettings,
        client: HTTPClient,
        time: TimeSource = .system,
        logger: Logger = Logger(label: "sluice.aws")
    ) {
        let chain = CredentialChain(selection, settings: settings, client: client, time: time, logger: logger)
        self.init(time: time, logger: logger) { () async throws(AWSError) in try await chain.load() }
    }

    /// Always `credentials`.
    public convenience init(fixed credentials: AWSCredentials) {
        self.init { credentials }
    }

    /// Credentials to sign with now.
    ///
    /// - Throws: `noCredentials`, `credentials`, `configuration` or `cancelled`.
    public func credentials() async throws(AWSError) -> AWSCredentials {
        try await next { $0.turn(at: $1) }
    }

    /// Credentials after AWS refused `refused` as expired or unknown: new ones where the source has them, else the same.
    public func credentials(after refused: AWSCredentials) async throws(AWSError) -> AWSCredentials {
        try await next { $0.turn(after: refused, at: $1) }
    }

    /// Renews the credentials a little before any caller would have to, until the task is cancelled. Optional.
    public func keepFresh() async {
        while !Task.isCancelled {
            await renewEarly()
            let due =
                shared.withLock { $0.state.renewalDue }.map { $0 - Self.lead } ?? time.monotonic() + .seconds(3600)
            let pause = max(due - time.monotonic(), Self.lead)
            try? await Task.sleep(for: pause, clock: .continuous)
        }
    }

    /// Renews what will be due within the lead. Failures are those of ``credentials()``, which reports them.
    func renewEarly() async {
        _ = try? await next { $0.turn(at: $1 + Self.lead) }
    }

    private static let lead = Duration.seconds(30)

    private func next(
        _ turn: (inout CredentialState, ContinuousClock.Instant) -> CredentialState.Turn
    ) async throws(AWSError) -> AWSCredentials {
        while true {
            let now = time.monotonic()
            switch shared.withLock({ turn(&$0.state, now) }) {
            case .use(let credentials):
                return credentials
            case .fail(let error):
                throw error
            case .fetch(let fallback):
                return try await renew(fallback: fallback)
            case .wait:
                await wait()
                guard !Task.isCancelled else { throw AWSError(.cancelled, "cancelled while waiting for credentials") }
            }
        }
    }

    private func renew(fallback: AWSCredentials?) async throws(AWSError) -> AWSCredentials {
        do {
            let credentials = try await fetch()
            finish(.success(credentials))
            return credentials
        } catch {
            let wasCancelled = error.code == .cancelled || Task.isCancelled
            finish(wasCancelled ? nil : .failure(error))
            guard let fallback else { throw error }
            logger.warning(
                "Could not renew AWS credentials, going on with the old ones",
                metadata: ["error": "\(error)"]
            )
            return fallback
        }
    }

    private func finish(_ result: Result<AWSCredentials, AWSError>?) {
        let now = time.monotonic()
        let wall = time.wall()
        let waiters = shared.withLock { shared in
            shared.state.finish(result, at: now, wall: wall)
            defer { shared.waiters = [:] }
            return shared.waiters.values
        }
        for waiter in waiters {
            waiter.resume()
        }
    }

    /// Until the fetch under way ends, however it does: the caller then looks again, and may have to take over.
    private func wait() async {
        let id = shared.withLock { shared in
            shared.nextWaiter += 1
            return shared.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = shared.withLock { shared in
                    guard shared.state.isFetching, !Task.isCancelled else { return true }
                    shared.waiters[id] = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            shared.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
