public import Capacity
public import Logging
public import Outbound
import Outbox
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Keeps this node's lease, and buries nodes whose lease has run out.
///
/// The lease decides whether this node may send: its `deadline` moves forward with every renewal, and when it passes, every
/// open call is reset. Others see the counter stand still and, after the bound of `LeaseTiming`, retire the life and
/// take over its claims.
///
/// A life ends with the database's timeline: after a failover the tables may lack what the last moments granted, so every
/// node begins anew, with nothing, and nobody is granted anything until all that was granted before is cold
/// (`AccountLeader`).
public final class LeaseKeeper: Service {
    /// Between two looks for claims of lives that are gone.
    private static let sweepInterval = Duration.seconds(10)

    private let pool: PostgresPool
    /// One connection that no other work waits for: on a server that stands still, all the others may hang.
    private let renewalPool: PostgresPool
    private let node: String
    private let roles: [String]
    private let timing: LeaseTiming
    private let unknownGrace: Duration
    private let http: HTTPClient
    private let logger: Logger
    private let current = Mutex<HeldLease?>(nil)
    /// Lives that are to be buried, with the counters at which they stopped.
    private let dead = Mutex<[Worker: Int64]>([:])
    private let bell = Doorbell()
    private let metrics = LeaseMetrics()

    /// - Parameters:
    ///   - renewals: a pool of its own, so that the lease never queues behind other work.
    ///   - http: the client whose open calls are reset when the deadline passes.
    public init(
        pool: PostgresPool,
        renewals: PostgresPool,
        node: String,
        roles: [String],
        timing: LeaseTiming = LeaseTiming(),
        unknownGrace: Duration,
        http: HTTPClient,
        logger: Logger
    ) {
        self.pool = pool
        renewalPool = renewals
        self.node = node
        self.roles = roles
        self.timing = timing
        self.unknownGrace = unknownGrace
        self.http = http
        self.logger = logger
    }

    /// The lease of the present life; nil before the first and between a lost life and the next.
    public var held: HeldLease? { current.withLock { $0 } }

    /// How long a counter must stand still: by then the credits of accounts of one a second and more are cold. Those of
    /// slower accounts their leaders leave to cool for longer.
    private static func bound(_ timing: LeaseTiming) -> Duration {
        timing.death(window: .nanoseconds(CreditRule(quota: 1).window))
    }

    public func run() async throws {
        await withTaskGroup { group in
            group.addTask {
                await cancelWhenGracefulShutdown { await self.renewals() }
                await self.release()
            }
            group.addTask { await cancelWhenGracefulShutdown { await self.enforceDeadline() } }
            group.addTask { await cancelWhenGracefulShutdown { await self.burials() } }
            await group.waitForAll()
        }
    }

    private func renewals() async {
        var watch = LeaseWatch()
        while !Task.isCancelled {
            let asked = ContinuousClock.now
            let wasAlive = held != nil
            do {
                if let held {
                    try await renew(held, asked: asked, watch: &watch)
                } else {
                    try await begin(asked: asked)
                    // What was seen of the others may have been seen in another database.
                    watch = LeaseWatch()
                    dead.withLock { $0 = [:] }
                }
            } catch {
                metrics.notRenewed()
                logger.debug("lease not renewed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(until: nextRound(after: asked, wasAlive: wasAlive, watch), clock: .continuous)
        }
    }

    /// A new life looks at the others at once, and a death is found when it is due.
    private func nextRound(
        after asked: ContinuousClock.Instant,
        wasAlive: Bool,
        _ watch: LeaseWatch
    ) -> ContinuousClock.Instant {
        if !wasAlive, held != nil { return asked }
        let regular = asked + timing.renewal
        guard let due = watch.nextDeath(bound: Self.bound(timing)), due > asked else { return regular }
        return min(regular, max(due, asked + .milliseconds(20)))
    }

    /// Whoever gives up a commit that waits for a standby leaves a session behind that goes on waiting, so not at once.
    private var patience: Duration { timing.trust * 2 }

    /// Begins a life.
    private func begin(asked: ContinuousClock.Instant) async throws {
        let (epoch, timeline) = try await renewalPool.withTransaction(timeout: patience) { connection in
            let rows = try await connection.query(
                """
                INSERT INTO node (name, epoch) VALUES (\(self.node), \(Timeline.currentFloor) + 1)
                ON CONFLICT (name) DO UPDATE SET epoch = greatest(node.epoch + 1, excluded.epoch)
                RETURNING epoch, \(Timeline.current)
                """,
                timeout: self.patience
            )
            guard let given = try rows.decode(Int64.self, Int64.self).first else {
                throw DispatchError("no epoch was given")
            }
            _ = try await connection.query(
                "INSERT INTO lease (node, epoch, roles) VALUES (\(self.node), \(given.0), \(self.roles))",
                timeout: self.patience
            )
            return given
        }
        let held = HeldLease(
            life: Worker(node: node, epoch: epoch),
            // Seen anew each time: two servers may have been promoted to the same number.
            timeline: TimelineSight(number: timeline, seenAt: .now),
            deadline: SendDeadline(asked + timing.trust)
        )
        current.withLock { $0 = held }
        logger.info(
            "node has a lease",
            metadata: ["node": "\(node)", "epoch": "\(epoch)", "timeline": "\(timeline)"]
        )
    }

    /// Raises the counter, on a pool that nothing else waits for, and looks at those of the others.
    private func renew(_ held: HeldLease, asked: ContinuousClock.Instant, watch: inout LeaseWatch) async throws {
        let life = held.life
        let answers = try await renewalPool.pipeline(
            [
                """
                UPDATE lease SET counter = counter + 1
                WHERE node = \(life.node) AND epoch = \(life.epoch) AND state = 'live'
                  AND \(Timeline.current) = \(held.timeline.number)
                RETURNING counter
                """,
                "SELECT node, epoch, counter FROM lease WHERE state = 'live'",
                "SELECT \(Timeline.current)",
            ],
            timeout: patience
        )
        guard answers[0].count == 1 else {
            let timeline = try answers[2].decode(Int64.self).first ?? held.timeline.number
            end(held, why: timeline == held.timeline.number ? .declaredDead : .failover(timeline))
            return
        }
        held.deadline.extend(to: asked + timing.trust)
        metrics.renewed(after: asked.duration(to: .now))
        var others: [Worker: Int64] = [:]
        for (node, epoch, counter) in try answers[1].decode(String.self, Int64.self, Int64.self)
        where node != life.node || epoch != life.epoch {
            others[Worker(node: node, epoch: epoch)] = counter
        }
        let bound = Self.bound(timing)
        let found = watch.observe(others, readAfter: asked, answeredAt: .now, bound: bound, blindAfter: timing.ttl)
        if !found.isEmpty {
            dead.withLock { dead in for life in found { dead[life.life] = life.counter } }
            bell.ring()
        }
    }

    private enum End {
        case declaredDead
        /// The database goes on elsewhere, on another timeline.
        case failover(Int64)
    }

    private func end(_ held: HeldLease, why: End) {
        held.deadline.revoke()
        http.resetAll(reason: "the node's lease is no longer valid")
        current.withLock { $0 = nil }
        switch why {
        case .declaredDead:
            metrics.wasDeclaredDead()
            logger.error(
                "this node was declared dead; it starts a new life",
                metadata: ["epoch": "\(held.life.epoch)"]
            )
        case .failover(let timeline):
            metrics.hasFailedOver()
            logger.warning(
                "the database has failed over; this node gives up its credits and starts a new life",
                metadata: ["epoch": "\(held.life.epoch)", "timeline": "\(timeline)", "was": "\(held.timeline.number)"]
            )
        }
    }

    /// Retires dead lives, apart from the renewals, which must not wait for it.
    private func burials() async {
        var sweepAt = ContinuousClock.now + Self.sweepInterval
        while !Task.isCancelled {
            await bell.wait(until: sweepAt)
            let lives = dead.withLock { dead in
                defer { dead = [:] }
                return dead
            }
            do {
                for (life, counter) in lives { try await retire(life, counter: counter) }
                if ContinuousClock.now >= sweepAt {
                    sweepAt = .now + Self.sweepInterval
                    _ = try await ClaimRecovery.recoverAbandoned(grace: unknownGrace, in: pool)
                    try await forgetOldLives()
                }
            } catch {
                // A life that is still dead is found again.
                logger.debug("nobody buried", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Retires a dead life and takes over its claims, in one transaction. Its counter must not have moved since.
    private func retire(_ life: Worker, counter: Int64) async throws {
        let unknown: Int? = try await pool.withTransaction { connection in
            let retired = try await connection.query(
                """
                UPDATE lease SET state = 'retired'
                WHERE node = \(life.node) AND epoch = \(life.epoch) AND counter = \(counter) AND state = 'live'
                RETURNING 1
                """
            )
            guard retired.count == 1 else { return nil }
            try await self.tellLeaders(of: life, on: connection)
            return try await ClaimRecovery.recover(
                node: life.node,
                epoch: life.epoch,
                grace: self.unknownGrace,
                on: connection
            )
        }
        guard let unknown else { return }
        metrics.hasBuried(unknown: unknown)
        logger.warning(
            "a node is dead; its open claims were taken over",
            metadata: ["dead.node": "\(life.node)", "dead.epoch": "\(life.epoch)", "unknown": "\(unknown)"]
        )
    }

    /// Nodes are named anew with each process.
    private func forgetOldLives() async throws {
        _ = try await pool.query(
            """
            WITH old AS (
                DELETE FROM lease WHERE state <> 'live' AND started_at < now() - interval '7 days'
                  AND NOT EXISTS (SELECT FROM worker WHERE worker.node = lease.node AND node_epoch = lease.epoch)
                  AND NOT EXISTS (SELECT FROM claim WHERE claim.node = lease.node AND claim.epoch = lease.epoch)
                RETURNING node
            )
            DELETE FROM node USING old WHERE node.name = old.node
              AND NOT EXISTS (SELECT FROM lease WHERE lease.node = node.name AND state = 'live')
            """
        )
    }

    /// Tells the leaders of the accounts that it worked for: they take its credits back.
    private func tellLeaders(of life: Worker, on connection: PostgresConnection) async throws {
        let accounts = try await connection.query(
            "SELECT account_id FROM worker WHERE node = \(life.node) AND node_epoch = \(life.epoch)"
        ).decode(Int32.self)
        for account in accounts {
            for statement in Hint.reports(account: account).statements { _ = try await connection.query(statement) }
        }
    }

    /// Resets every open call when the deadline passes, whatever the renewal is waiting for.
    private func enforceDeadline() async {
        var isReset = false
        while !Task.isCancelled {
            if let held, held.isTrusted {
                isReset = false
                try? await Task.sleep(until: held.deadline.instant, clock: .continuous)
            } else {
                if !isReset, held != nil {
                    isReset = true
                    metrics.hasRunOut()
                    logger.warning("the lease could not be renewed in time; open calls are reset")
                    http.resetAll(reason: "the node's lease ran out")
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Gives the lease back. By then every call has its answer, because the dispatcher stops before.
    private func release() async {
        guard let held else { return }
        held.deadline.revoke()
        let life = held.life
        do {
            _ = try await renewalPool.query(
                """
                UPDATE lease SET state = 'released'
                WHERE node = \(life.node) AND epoch = \(life.epoch) AND state = 'live'
                  AND NOT EXISTS (SELECT FROM claim WHERE node = \(life.node) AND epoch = \(life.epoch))
                """,
                timeout: patience
            )
        } catch {
            logger.warning("lease not released; it will run out", metadata: ["error": "\(error)"])
        }
    }
}
