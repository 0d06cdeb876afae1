import AWS
import Capacity
import Directory
import Foundation
import Logging
import Outbound
import Outbox
import Postgres
import Sealing
import Synchronization
import Telemetry

/// What all accounts of a node share.
final class DispatchServices: Sendable {
    private struct State {
        var engines: [Int32: AccountEngine] = [:]
        var bells: [Int32: AccountBells] = [:]
        var clients: [Int32: (account: Account, client: AccountClient)] = [:]
        /// Accounts that somebody looks at, and until when.
        var watched: [Int32: ContinuousClock.Instant] = [:]
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
    let vault: Vault?
    let tracer: Tracer?
    let budget = ByteBudget(256 << 20)
    let shelf: TemplateShelf
    let links: UnsubscribeLinks
    let marks = QueueMarks()
    /// The zero of the node's monotonic times.
    let origin: ContinuousClock.Instant
    /// The same instant since 1970.
    let epoch: Nanoseconds
    /// Rung when the queues are to be looked at.
    let scanBell = Doorbell()
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
        publicURL: String?,
        vault: Vault?,
        tracer: Tracer?,
        logger: Logger
    ) {
        origin = ContinuousClock.now
        epoch = Nanoseconds(Date().timeIntervalSince1970 * 1_000_000_000)
        self.postgres = postgres
        self.pool = pool
        shelf = TemplateShelf(pool: pool)
        links = UnsubscribeLinks(publicURL: publicURL, directory: directory)
        self.directory = directory
        self.leases = leases
        self.settler = settler
        self.http = http
        self.credentials = credentials
        self.timing = timing
        self.unknownGrace = unknownGrace
        self.vault = vault
        self.tracer = tracer
        self.logger = logger
    }

    // MARK: Engines and hints

    func register(_ engine: AccountEngine, for account: Int32) {
        state.withLock { $0.engines[account] = engine }
    }

    func unregister(_ account: Int32) {
        state.withLock { $0.engines[account] = nil }
    }

    func engine(of account: Int32) -> AccountEngine? { state.withLock { $0.engines[account] } }

    private var engines: [AccountEngine] { state.withLock { Array($0.engines.values) } }

    func bells(of account: Int32) -> AccountBells {
        state.withLock { state in
            if let bells = state.bells[account] { return bells }
            let bells = AccountBells()
            state.bells[account] = bells
            return bells
        }
    }

    /// Hands signs of backlog to the accounts that they are about; returns those that nobody here serves.
    func note(_ signs: [QueueSign]) -> [QueueSign] {
        // First, or who claims at once begins behind them.
        marks.lower(signs)
        return engines.reduce(signs) { others, engine in others.isEmpty ? others : engine.note(others) }
    }

    /// Signs of what was promoted, perhaps below the marks of everybody: handed on like others. Returns those that other nodes
    /// may serve too.
    func promoted(_ signs: [QueueSign]) -> [QueueSign] {
        _ = note(signs)
        return notAlone(signs)
    }

    /// Signs of what went back into queues that it was claimed from: the scheduler has counted it already. Returns those that
    /// other nodes may serve.
    func returned(_ signs: [QueueSign]) -> [QueueSign] {
        marks.lower(signs)
        return notAlone(signs)
    }

    /// A share may be spread, or on its way: where others work for the account they are told too.
    private func notAlone(_ signs: [QueueSign]) -> [QueueSign] {
        let engines = engines
        return signs.filter { sign in !engines.contains { $0.serves(lane: sign.laneID) && !$0.hasSuccessor } }
    }

    func take(_ hint: Hint) {
        switch hint {
        case .queues(let signs, _): _ = note(signs)
        case .allQueues: lookFromTheStart()
        case .grants(let account): engine(of: account)?.hintGrants()
        case .reports(let account): bells(of: account).leader.ring()
        case .watched(let account): state.withLock { $0.watched[account] = .now + LiveWatch.lease }
        }
    }

    /// Hints may have been missed.
    func lookAtEverything() {
        let (engines, bells) = state.withLock { ($0.engines.values, $0.bells.values) }
        for engine in engines { engine.hintGrants() }
        for bell in bells { bell.leader.ring() }
        lookFromTheStart()
    }

    /// Queues are served here that were not before, or signs may have been missed.
    func lookFromTheStart() {
        marks.forget()
        scanBell.ring()
    }

    // MARK: Being looked at

    func isWatched(_ account: Int32) -> Bool {
        state.withLock { state in
            guard let end = state.watched[account] else { return false }
            if end > .now { return true }
            state.watched[account] = nil
            return false
        }
    }

    /// The node's time in seconds since 1970: by the wall clock as it was at the start.
    func seconds(at instant: ContinuousClock.Instant) -> Double {
        Double(epoch + (instant - origin).nanoseconds) / 1_000_000_000
    }

    /// The next whole second of that time, since 1970, and when it begins.
    func nextSecond(behind instant: ContinuousClock.Instant) -> (second: Int64, begins: ContinuousClock.Instant) {
        let second = (epoch + (instant - origin).nanoseconds) / .second + 1
        return (second, origin + .nanoseconds(second * .second - epoch))
    }

    // MARK: Stopping

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Ends all work: credits go to others where there are some, no new claims, calls under way finish, unsent claims go back.
    func stop() {
        state.withLock { $0.isStopping = true }
        for engine in engines { engine.bell.ring() }
    }

    // MARK: Accounts

    func logger(for account: Int32) -> Logger {
        var logger = logger
        logger[metadataKey: "account"] = "\(directory.current?.accounts[account]?.name ?? "\(account)")"
        return logger
    }

    /// The client of an account, made anew when its connection is configured differently.
    func client(for account: Account, logger: Logger) throws(AWSError) -> AccountClient {
        if let known = state.withLock({ $0.clients[account.id] }), known.account.hasSameConnection(as: account) {
            return known.client
        }
        let client = try AccountClient(account, settings: credentials, http: http, logger: logger)
        state.withLock { $0.clients[account.id] = (account, client) }
        return client
    }

    /// Whether a dispatcher made for `account` has to end.
    func isOutdated(_ account: Account) -> Bool {
        guard let current = directory.current?.accounts[account.id] else { return true }
        return !current.hasSameConnection(as: account)
    }
}

extension Account {
    /// What a running dispatcher cannot change is the same.
    fileprivate func hasSameConnection(as other: Account) -> Bool {
        awsRegion == other.awsRegion && endpoint == other.endpoint && credentials == other.credentials
            && configurationSet == other.configurationSet && window == other.window
    }
}
