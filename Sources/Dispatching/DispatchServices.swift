import AWS
import Capacity
import Directory
import Logging
import Outbound
import Outbox
import Postgres
import Synchronization

/// What all accounts of a node share.
final class DispatchServices: Sendable {
    private struct State {
        var engines: [Int32: AccountEngine] = [:]
        var isStopping = false
    }

    let postgres: PostgresConfiguration
    let pool: PostgresPool
    let directory: DirectoryCache
    let leases: LeaseKeeper
    let settler: Settler
    let http: HTTPClient
    let credentials: CredentialSettings
    let timing: LeaseTiming
    let unknownGrace: Duration
    let budget = ByteBudget(256 << 20)
    let origin = ContinuousClock.now
    let logger: Logger
    private let state = Mutex(State())

    init(
        postgres: PostgresConfiguration,
        pool: PostgresPool,
        directory: DirectoryCache,
        leases: LeaseKeeper,
        settler: Settler,
        http: HTTPClient,
        credentials: CredentialSettings,
        timing: LeaseTiming,
        unknownGrace: Duration,
        logger: Logger
    ) {
        self.postgres = postgres
        self.pool = pool
        self.directory = directory
        self.leases = leases
        self.settler = settler
        self.http = http
        self.credentials = credentials
        self.timing = timing
        self.unknownGrace = unknownGrace
        self.logger = logger
    }

    // MARK: Engines

    func register(_ engine: AccountEngine, for account: Int32) {
        state.withLock { $0.engines[account] = engine }
    }

    func unregister(_ account: Int32) {
        state.withLock { $0.engines[account] = nil }
    }

    var engines: [Int32: AccountEngine] { state.withLock { $0.engines } }

    func note(_ signs: [QueueSign]) {
        for engine in engines.values { engine.note(signs) }
    }

    // MARK: Stopping

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Ends all terms: no new claims, calls under way finish, unsent claims go back.
    func stop() {
        let engines = state.withLock { state in
            state.isStopping = true
            return state.engines.values
        }
        for engine in engines { engine.stop() }
    }

    /// Runs something that waits for others, and gives it up when the node stops.
    func untilStopped<Value: Sendable>(_ body: @escaping @Sendable () async -> Value?) async -> Value? {
        await withTaskGroup { group in
            group.addTask { await body() }
            group.addTask {
                while !self.isStopping, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    // MARK: Accounts

    func logger(for account: Account) -> Logger {
        var logger = logger
        logger[metadataKey: "account"] = "\(account.name)"
        return logger
    }

    /// How long after its last call an account's credits may be warm: a call that was reset may be counted up to the
    /// margin later. Where the quota is asked for, the engine waits again when it knows it.
    func coolDown(of account: Account) -> Duration {
        guard case .fixed(let rate, _, _) = account.quota else { return .zero }
        return .nanoseconds(CreditRule(quota: rate).window) + timing.margin
    }

    func client(for account: Account, logger: Logger) throws(AWSError) -> AccountClient {
        try AccountClient(account, settings: credentials, http: http, logger: logger)
    }
}
