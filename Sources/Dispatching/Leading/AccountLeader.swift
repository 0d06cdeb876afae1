import Capacity
import Directory
import Logging
import Postgres

/// Leads one account whenever this node is elected: looks at what its workers hold and want, and moves credits.
struct AccountLeader: Sendable {
    /// Without a hint, the tables are looked at this often; while credits are on their way, this often.
    private static let idle = Duration.milliseconds(500)
    private static let tick = Duration.milliseconds(100)
    /// Changes are at least this far apart, so that many reports make one.
    private static let rhythm = Duration.milliseconds(20)
    /// Between two elections while the lease is not on the database's timeline.
    private static let recess = Duration.seconds(1)
    private static let lockCheck = Duration.milliseconds(500)
    private static let pruning = Duration.seconds(3600)
    private static let failuresPerWarning = 20

    let accountID: Int32
    let services: DispatchServices
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        let election = Election(
            configuration: services.postgres,
            pool: services.pool,
            accountID: accountID,
            logger: logger
        )
        while !Task.isCancelled {
            guard let lease = services.leases.held else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            let life = lease.life
            guard let term = await election.win(as: life, isOver: { services.leases.held?.life != life }) else {
                continue
            }
            // A database that failed over between the lease and the election: the next renewal will tell. Without the lock,
            // which a node with a new lease may want.
            guard term.timeline == lease.timeline.number else {
                await term.session.close()
                try? await Task.sleep(for: Self.recess)
                continue
            }
            logger.info("leading the account", metadata: ["epoch": "\(term.epoch)"])
            await serve(term, as: lease)
            await term.session.close()
            logger.info("no longer leading the account", metadata: ["epoch": "\(term.epoch)"])
        }
    }

    private func serve(_ term: Election.Term, as lease: HeldLease) async {
        await withTaskGroup { group in
            group.addTask { await self.holdOffice(term, as: lease.life) }
            group.addTask { await self.govern(term, as: lease) }
            // Whichever ends first ends the term.
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns when the lock or the life is lost.
    private func holdOffice(_ term: Election.Term, as life: Worker) async {
        while !Task.isCancelled, services.leases.held?.life == life {
            do {
                try await term.session.check()
            } catch {
                if !Task.isCancelled {
                    logger.warning("the lock on the account is lost", metadata: ["error": "\(error)"])
                }
                return
            }
            try? await Task.sleep(for: Self.lockCheck)
        }
    }

    /// Returns when there is another leader.
    private func govern(_ term: Election.Term, as lease: HeldLease) async {
        let store = GrantStore(pool: services.pool, accountID: accountID, patience: services.timing.trust * 2)
        let mind = LeaderMind(
            origin: services.origin,
            timing: services.timing,
            timeline: lease.timeline
        )
        let metrics = LeaderMetrics(epoch: term.epoch)
        await withTaskGroup { side in
            side.addTask {
                await QuotaWatch(accountID: accountID, services: services, mind: mind, logger: logger).run()
            }
            side.addTask { await self.prune(store) }
            side.addTask {
                await AccountWatch(accountID: accountID, services: services, logger: logger).run()
            }
            side.addTask {
                await QuotaAudit(accountID: accountID, services: services, logger: logger).run()
            }
            let bell = services.bells(of: accountID).leader
            var failures = 0
            while !Task.isCancelled {
                let started = ContinuousClock.now
                var pause = Self.idle
                do {
                    if let plan = try await govern(with: store, mind: mind, term: term, metrics: metrics) {
                        pause = plan.isMoving || plan.isRestless ? Self.tick : Self.idle
                    }
                    failures = 0
                } catch is GrantStore.Deposed {
                    break
                } catch {
                    failures += 1
                    if !Task.isCancelled {
                        logger.log(
                            level: failures.isMultiple(of: Self.failuresPerWarning) ? .warning : .debug,
                            "grants not changed",
                            metadata: ["error": "\(error)", "failures": "\(failures)"]
                        )
                    }
                    // What was written, if anything was, is not known.
                    mind.loans = nil
                }
                try? await Task.sleep(until: started + Self.rhythm, clock: .continuous)
                await bell.wait(until: min(started + pause, mind.waitsUntil ?? started + pause))
            }
            side.cancelAll()
        }
        metrics.clear()
    }

    private func prune(_ store: GrantStore) async {
        while !Task.isCancelled {
            let hasMore = (try? await store.pruneLoans()) ?? false
            try? await Task.sleep(for: hasMore ? Self.idle : Self.pruning)
        }
    }

    /// One look, and a change if it is called for.
    private func govern(
        with store: GrantStore,
        mind: LeaderMind,
        term: Election.Term,
        metrics: LeaderMetrics
    ) async throws -> GrantPlan? {
        guard let directory = services.directory.current, let account = directory.accounts[accountID] else {
            return nil
        }
        mind.configure(account, lanes: directory.lanes.values, version: directory.version)
        if mind.loans == nil { mind.loans = LoanBook(open: try await store.openLoans()) }
        let sight = try await store.look()
        let started = ContinuousClock.now
        guard let glance = mind.decide(on: sight) else { return nil }
        metrics.planned(glance.writing, account: account, loans: mind.loans, took: .now - started)
        guard glance.isWorthIt else { return glance.writing.plan }
        let written = try await store.change(epoch: term.epoch, timeline: term.timeline) { sight in
            mind.decide(on: sight).flatMap { $0.isWorthIt ? $0.writing : nil }
        }
        guard let written else { return glance.writing.plan }
        mind.wrote(written.loans)
        services.engine(of: accountID)?.hintGrants()
        // The credits of workers that were buried can be granted now.
        if !written.buried.isEmpty { services.bells(of: accountID).leader.ring() }
        return written.plan
    }
}
