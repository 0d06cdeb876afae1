public import Logging
import Synchronization

/// A connection of its own that holds advisory locks. It is either alive, and then holds what it took, or lost, and then
/// for good: the server frees the locks as soon as it notices, so open another session and take them again.
///
/// The server may notice the end of a session later than we do, or earlier: a lock coordinates, it does not fence.
/// Not through a transaction pooler, which would leave locks with sessions of others.
public final class AdvisoryLockSession: Sendable {
    private struct State {
        var isAlive = true
        var held: Set<AdvisoryLockKey> = []
        var lastConfirmed: ContinuousClock.Instant
    }

    /// The server process that holds the locks; what an operator or a rival may end.
    public let backendPID: Int32
    private let connection: PostgresConnection
    private let timeout: Duration
    private let state: Mutex<State>

    /// Opens a session.
    /// - Parameter timeout: how long the server may take to answer before the session counts as lost.
    /// - Throws: ``PostgresError`` of code `.unavailable`.
    public static func open(
        _ configuration: PostgresConfiguration,
        timeout: Duration = .seconds(1),
        logger: Logger = Logger(label: "postgres")
    ) async throws -> AdvisoryLockSession {
        var configuration = configuration
        // A server that does not answer in time is given up soon, because somebody waits to know.
        configuration.cancellationGrace = min(configuration.cancellationGrace, .milliseconds(100))
        let asked = ContinuousClock.now
        let connection = try await PostgresConnection.connect(configuration, logger: logger)
        return AdvisoryLockSession(connection, timeout: timeout, asked: asked)
    }

    private init(_ connection: PostgresConnection, timeout: Duration, asked: ContinuousClock.Instant) {
        self.connection = connection
        self.timeout = timeout
        backendPID = connection.backendPID
        state = Mutex(State(lastConfirmed: asked))
    }

    /// False as soon as the session is known to be lost, or was closed.
    public var isAlive: Bool { state.withLock { $0.isAlive } }

    /// When the server was last asked and then answered that the session stands: the moment of asking, so that trust
    /// counted from here never lasts too long.
    public var lastConfirmed: ContinuousClock.Instant { state.withLock { $0.lastConfirmed } }

    /// Whether the session is alive, as far as is known, and has taken the lock.
    public func holds(_ key: AdvisoryLockKey) -> Bool {
        state.withLock { $0.isAlive && $0.held.contains(key) }
    }

    /// Takes a lock unless another session has it. True as well when this session has it already.
    /// - Throws: ``PostgresError`` or `CancellationError`; the session is lost then, because nobody knows whether it has
    ///   the lock.
    public func tryLock(_ key: AdvisoryLockKey) async throws -> Bool {
        if holds(key) { return true }
        let isTaken = try await confirming(orLost: true) {
            try await connection.tryAdvisoryLock(key, timeout: timeout)
        }
        if isTaken { _ = state.withLock { $0.held.insert(key) } }
        return isTaken
    }

    /// Gives a lock back.
    /// - Throws: as `tryLock` does.
    public func unlock(_ key: AdvisoryLockKey) async throws {
        // Not held from before the server is asked, so that nobody trusts a lock that is on its way out.
        guard state.withLock({ $0.held.remove(key) }) != nil else { return }
        _ = try await confirming(orLost: true) {
            try await connection.releaseAdvisoryLock(key, timeout: timeout)
        }
    }

    /// Asks the server whether the session stands.
    /// - Throws: ``PostgresError`` when it is lost.
    public func check() async throws {
        try await confirming(orLost: false) { try await connection.ping(timeout: timeout) }
    }

    /// Checks the session again and again; returns when it is lost, which it notices at most `interval` and the session's
    /// timeout after the fact, or when the task is cancelled.
    public func watch(every interval: Duration = .milliseconds(500)) async {
        while isAlive, !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
                try await check()
            } catch {}
        }
    }

    /// Ends the session, and with it its locks.
    public func close() async {
        markLost()
        await connection.close()
    }

    private func confirming<Value>(orLost: Bool, _ work: () async throws -> Value) async throws -> Value {
        let asked = ContinuousClock.now
        do {
            let value = try await work()
            state.withLock { $0.lastConfirmed = max($0.lastConfirmed, asked) }
            return value
        } catch {
            let isTimeout = (error as? PostgresError)?.code == .timeout
            if orLost || isTimeout || !connection.isOpen { await close() }
            throw error
        }
    }

    private func markLost() {
        state.withLock { state in
            state.isAlive = false
            state.held = []
        }
    }
}
