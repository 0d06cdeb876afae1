import Capacity
import Directory
import Logging
import Outbox
import Sealing

/// Works for one account during one life of the node: sends its mail with the credits that it is granted.
struct AccountWorker: Sendable {
    /// How long a worker that leaves waits for others to take its credits over.
    private static let farewell = Duration.seconds(3)
    private static let check = Duration.milliseconds(100)
    private static let repair = Duration.seconds(5)

    let accountID: Int32
    let lease: HeldLease
    let services: DispatchServices
    let logger: Logger

    /// Returns when the life is over, when the account is gone, or, after a stop, when every call has ended.
    func run() async {
        let engine = AccountEngine(
            origin: services.origin,
            epoch: services.epoch,
            bells: services.bells(of: accountID)
        )
        services.register(engine, for: accountID)
        defer { services.unregister(accountID) }
        let daily = DailyQuota(
            store: DailyQuotaStore(pool: services.pool, accountID: accountID),
            accountID: accountID,
            services: services,
            engine: engine
        )
        let store = WorkerStore(pool: services.pool, accountID: accountID, worker: lease.life)
        await withTaskGroup { group in
            group.addTask { await self.follow(store, engine: engine) }
            group.addTask { await daily.run() }
            group.addTask { await self.show(engine) }
            group.addTask {
                await self.watch(engine, store: store)
                engine.stop()
            }
            await dispatch(engine)
            group.cancelAll()
        }
        await daily.giveBackRest()
    }

    private func follow(_ store: WorkerStore, engine: AccountEngine) async {
        await GrantFollower(
            store: store,
            engine: engine,
            bells: services.bells(of: accountID),
            onPlacement: { services.lookFromTheStart() },
            logger: logger
        ).run()
    }

    /// Dispatches through one connection after the other, as the account is configured.
    private func dispatch(_ engine: AccountEngine) async {
        while !engine.isStopping, !Task.isCancelled {
            guard let account = services.directory.current?.accounts[accountID] else { return }
            do {
                try await dispatcher(account, engine: engine).run()
            } catch {
                logger.error("the account cannot be used", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Self.repair)
            }
        }
    }

    private func dispatcher(_ account: Account, engine: AccountEngine) throws -> AccountDispatcher {
        let client = try services.client(for: account, logger: logger)
        let claimer = Claimer(
            pool: services.pool,
            accountID: accountID,
            node: lease.life.node,
            epoch: lease.life.epoch,
            marks: services.marks,
            vault: services.vault
        )
        return AccountDispatcher(
            account: account,
            lease: lease,
            engine: engine,
            claimer: claimer,
            loader: ContentLoader(claimer: claimer, budget: services.budget, shelf: services.shelf),
            sender: CallSender(
                account: account,
                lease: lease,
                ses: client.ses,
                engine: engine,
                settler: services.settler,
                links: services.links,
                metrics: SendMetrics(account: account.name, directory: services.directory),
                margin: services.timing.margin,
                unknownGrace: services.unknownGrace,
                origin: services.origin,
                tracing: services.tracer.map {
                    CallTracing(tracer: $0, directory: services.directory, account: account.name)
                }
            ),
            settler: services.settler,
            credentials: client.credentials,
            terms: { CallTerms(services.directory.current, account: account) },
            isOutdated: { services.isOutdated(account) },
            logger: logger
        )
    }

    private func show(_ engine: AccountEngine) async {
        let metrics = WorkerMetrics(account: services.directory.current?.accounts[accountID]?.name ?? "\(accountID)")
        let sampler = LiveSampler(pool: services.pool, accountID: accountID, worker: lease.life)
        while !Task.isCancelled {
            // As the node's seconds begin.
            let (second, begins) = services.nextSecond(behind: .now)
            try? await Task.sleep(until: begins, clock: .continuous)
            let credits = engine.credits
            metrics.show(credits, park: engine.park)
            guard services.isWatched(accountID), !Task.isCancelled else { continue }
            do {
                try await sampler.write(
                    second - 1,
                    now: services.seconds(at: .now),
                    used: engine.used(in: second - 1),
                    credits: credits
                )
            } catch {
                logger.debug("nothing to look at was written", metadata: ["error": "\(error)"])
            }
        }
        metrics.show([], park: nil)
    }

    /// Takes over what is configured; returns when the worker is to end.
    private func watch(_ engine: AccountEngine, store: WorkerStore) async {
        var version: Int64?
        var leavesAt: ContinuousClock.Instant?
        var isSetAside = false
        while !Task.isCancelled, services.leases.held?.life == lease.life {
            if let current = services.directory.current, current.version != version {
                guard let account = current.accounts[accountID] else { return }
                version = current.version
                engine.configure(account, lanes: current.lanes.values)
                services.scanBell.ring()
            }
            engine.forgiveParking()
            // Without its keys it claims nothing, so that mail would wait here which others could send.
            let isBlind = services.vault?.isBlind ?? false
            if isBlind != isSetAside, !services.isStopping, (try? await store.setDraining(isBlind)) ?? false {
                isSetAside = isBlind
            }
            if services.isStopping {
                if leavesAt == nil {
                    guard engine.hasSuccessor else { return }
                    leavesAt = .now + Self.farewell
                    _ = try? await store.setDraining(true)
                }
                if engine.held == 0 || leavesAt.map({ ContinuousClock.now >= $0 }) ?? true { return }
            }
            try? await Task.sleep(for: Self.check)
        }
    }
}
