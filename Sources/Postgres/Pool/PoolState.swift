/// Which connections a pool has, who waits for one, and whether the server is reachable. Pure: it is told what happened
/// and when, and says what to do.
struct PoolState {
    typealias Instant = ContinuousClock.Instant
    typealias ConnectionID = Int
    typealias WaiterID = Int

    /// What a caller gets.
    enum Grant: Equatable {
        /// An open connection, which may have died unnoticed.
        case connection(ConnectionID)
        /// The right to open a connection, which the caller does itself.
        case connect(ConnectionID)
    }

    /// Why a caller gets nothing.
    enum Refusal: Error {
        case exhausted
        case unavailable(PostgresError)
        case closed
    }

    enum Answer {
        case granted(Grant)
        case refused(Refusal)
        case wait
    }

    enum Action {
        case resume(WaiterID, Grant)
        case refuse(WaiterID, Refusal)
        /// Close the connection and forget it.
        case close(ConnectionID)
        /// Ask the connection for a sign of life, then release it.
        case check(ConnectionID)
        /// Open a connection, then release it.
        case connect(ConnectionID)
        /// The pool is closed and nothing is left of it.
        case finished
    }

    private enum Phase {
        case connecting, leased, checking, idle
    }

    private struct Connection {
        var phase: Phase
        var expires: Instant
        var lastUse: Instant
        /// When it was last known to work.
        var lastCheck: Instant
    }

    private struct Outage {
        var error: PostgresError
        var attempts: Int
        var retryAt: Instant
    }

    private let configuration: PostgresPoolConfiguration
    private let backoff: Backoff
    private var connections: [ConnectionID: Connection] = [:]
    /// The most recently used last, so that the others can grow old.
    private var idle: [ConnectionID] = []
    private var waiters: [WaiterID] = []
    private var outage: Outage?
    /// When a connection was last found broken: those that were idle then may be broken too.
    private var lastLoss: Instant?
    private var connecting = 0
    private var nextConnection = 0
    private var isFinished = false
    /// Whether somebody calls `tick` regularly. Then callers need not look for the server's return themselves.
    var isMaintained = false
    private(set) var isClosing = false

    init(_ configuration: PostgresPoolConfiguration, backoff: Backoff = Backoff()) {
        self.configuration = configuration
        self.backoff = backoff
    }

    var statistics: PostgresPoolStatistics {
        PostgresPoolStatistics(
            idle: idle.count,
            leased: established - idle.count,
            connecting: connecting,
            waiting: waiters.count,
            isAvailable: outage == nil
        )
    }

    private var established: Int { connections.count - connecting }

    /// When `tick` has something to do at the latest.
    func nextTick(after now: Instant) -> Instant {
        let regular = now.advanced(by: .milliseconds(200))
        guard let outage, outage.retryAt > now else { return regular }
        return min(regular, outage.retryAt)
    }

    // MARK: Events

    /// A caller wants a connection and is ready to wait.
    mutating func acquire(_ waiter: WaiterID, now: Instant) -> Answer {
        let answer = acquireAtOnce(now: now)
        if case .wait = answer { waiters.append(waiter) }
        return answer
    }

    /// A caller wants a connection. After the answer `wait` the pool does not know the caller yet.
    mutating func acquireAtOnce(now: Instant) -> Answer {
        if isClosing { return .refused(.closed) }
        // Those who wait already come first.
        if waiters.isEmpty, let grant = nextGrant(now: now) { return .granted(grant) }
        if established == 0, let outage { return .refused(.unavailable(outage.error)) }
        if waiters.count >= configuration.maxWaiters { return .refused(.exhausted) }
        return .wait
    }

    /// A waiter gave up. False when it has been answered already.
    mutating func abandon(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// A connection was opened by whoever had the right to; that caller has it now.
    mutating func connected(_ id: ConnectionID, now: Instant, jitter: Double) -> [Action] {
        guard connections[id] != nil else { return [] }
        connecting -= 1
        // Spread, so that connections opened together do not end together.
        let lifetime = configuration.maxLifetime * (0.9 + 0.1 * jitter)
        connections[id]?.phase = .leased
        connections[id]?.expires = now.advanced(by: lifetime)
        outage = nil
        return serveWaiters(now: now)
    }

    /// No connection could be opened.
    mutating func connectFailed(_ id: ConnectionID, _ error: PostgresError, now: Instant, jitter: Double) -> [Action] {
        guard connections.removeValue(forKey: id) != nil else { return [] }
        connecting -= 1
        // Attempts that were under way together count once.
        if outage.map({ now >= $0.retryAt }) ?? true {
            let attempts = (outage?.attempts ?? 0) + 1
            let retryAt = now.advanced(by: backoff.delay(after: attempts, jitter: jitter))
            outage = Outage(error: error, attempts: attempts, retryAt: retryAt)
        }
        return serveWaiters(now: now) + finishIfEmpty()
    }

    /// Whoever was opening a connection was cancelled, which says nothing about the server.
    mutating func connectAbandoned(_ id: ConnectionID, now: Instant) -> [Action] {
        guard connections.removeValue(forKey: id) != nil else { return [] }
        connecting -= 1
        return serveWaiters(now: now) + finishIfEmpty()
    }

    /// A connection came back.
    mutating func released(_ id: ConnectionID, isUsable: Bool, now: Instant) -> [Action] {
        guard let connection = connections[id] else { return [] }
        if !isUsable { lastLoss = now }
        guard isUsable, !isClosing, now < connection.expires else {
            connections[id] = nil
            return [.close(id)] + serveWaiters(now: now) + finishIfEmpty()
        }
        // A connection that was only checked stays among the long unused.
        if connection.phase == .checking {
            idle.insert(id, at: 0)
        } else {
            connections[id]?.lastUse = now
            idle.append(id)
        }
        connections[id]?.phase = .idle
        connections[id]?.lastCheck = now
        return serveWaiters(now: now)
    }

    /// Time has passed.
    mutating func tick(now: Instant) -> [Action] {
        if isClosing { return [] }
        var actions: [Action] = []
        for id in idle {
            guard let connection = connections[id] else { continue }
            if now >= connection.expires || connection.lastUse.duration(to: now) >= configuration.idleTimeout {
                idle.removeAll { $0 == id }
                connections[id] = nil
                actions.append(.close(id))
            } else if isDoubtful(connection, now: now) {
                idle.removeAll { $0 == id }
                connections[id]?.phase = .checking
                actions.append(.check(id))
            }
        }
        if let outage, now >= outage.retryAt, connecting == 0, connections.count < configuration.maxConnections {
            actions.append(.connect(open(now: now)))
        }
        return actions + serveWaiters(now: now)
    }

    /// Nobody gets a connection any more; those in use are closed when they come back.
    mutating func close() -> [Action] {
        isClosing = true
        var actions = waiters.map { Action.refuse($0, .closed) }
        waiters = []
        for id in idle {
            connections[id] = nil
            actions.append(.close(id))
        }
        idle = []
        return actions + finishIfEmpty()
    }

    // MARK: Parts

    /// Whether an idle connection may have died: long unused, or unused since another one was found broken.
    private func isDoubtful(_ connection: Connection, now: Instant) -> Bool {
        connection.lastCheck.duration(to: now) >= configuration.pingInterval
            || lastLoss.map { connection.lastCheck <= $0 } ?? false
    }

    private mutating func open(now: Instant) -> ConnectionID {
        nextConnection += 1
        let connection = Connection(phase: .connecting, expires: now, lastUse: now, lastCheck: now)
        connections[nextConnection] = connection
        connecting += 1
        return nextConnection
    }

    private mutating func nextGrant(now: Instant) -> Grant? {
        if let id = idle.popLast() {
            connections[id]?.phase = .leased
            return .connection(id)
        }
        guard connections.count < configuration.maxConnections else { return nil }
        if let outage, isMaintained || connecting > 0 || now < outage.retryAt { return nil }
        return .connect(open(now: now))
    }

    private mutating func serveWaiters(now: Instant) -> [Action] {
        var actions: [Action] = []
        while let waiter = waiters.first, let grant = nextGrant(now: now) {
            waiters.removeFirst()
            actions.append(.resume(waiter, grant))
        }
        // With no connection left that could come back, waiting would only end in a timeout.
        if established == 0, let outage {
            actions += waiters.map { .refuse($0, .unavailable(outage.error)) }
            waiters = []
        }
        return actions
    }

    private mutating func finishIfEmpty() -> [Action] {
        guard isClosing, connections.isEmpty, !isFinished else { return [] }
        isFinished = true
        return [.finished]
    }
}
