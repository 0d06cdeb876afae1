import AWS
import Directory
import Logging
import Outbound
import Outbox
import Postgres

/// Leads one account whenever this node can, and dispatches its mail while it does.
struct AccountRunner: Sendable {
    private static let check = Duration.milliseconds(500)

    let accountID: Int32
    let services: DispatchServices

    /// Returns when cancelled or stopped, with every call ended and the leadership given up.
    func run() async {
        let leadership = AccountLeadership(
            configuration: services.postgres,
            pool: services.pool,
            accountID: accountID,
            logger: services.logger
        )
        while !Task.isCancelled, !services.isStopping {
            guard let lease = services.leases.held, lease.isTrusted,
                services.directory.current?.accounts[accountID] != nil
            else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            guard let term = await services.untilStopped({ await leadership.win(as: lease.life) }) else { continue }
            // Winning can take days: what is known now counts.
            if services.leases.held?.life == lease.life, let account = services.directory.current?.accounts[accountID] {
                await serve(account, lease: lease, term: term)
            }
            await leadership.yield(term, as: lease.life)
        }
    }

    private func serve(_ account: Account, lease: HeldLease, term: AccountLeadership.Term) async {
        let logger = services.logger(for: account)
        logger.info("scheduling the account", metadata: ["epoch": "\(term.epoch)"])
        let engine = AccountEngine(
            origin: services.origin,
            usableAt: term.lastUse.map { $0 + services.coolDown(of: account) } ?? .now,
            margin: services.timing.margin
        )
        services.register(engine, for: accountID)
        defer { services.unregister(accountID) }
        let client: AccountClient
        do {
            client = try services.client(for: account, logger: logger)
        } catch {
            logger.error("the account cannot be used", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .seconds(5))
            return
        }
        let claimer = Claimer(
            pool: services.pool,
            accountID: accountID,
            node: lease.life.node,
            epoch: lease.life.epoch
        )
        let store = AccountStateStore(pool: services.pool, accountID: accountID)
        let dispatcher = AccountDispatcher(
            account: account,
            lease: lease,
            engine: engine,
            claimer: claimer,
            loader: ContentLoader(claimer: claimer, budget: services.budget),
            sender: CallSender(
                account: account,
                lease: lease,
                ses: client.ses,
                engine: engine,
                settler: services.settler,
                metrics: SendMetrics(account: account.name),
                margin: services.timing.margin,
                unknownGrace: services.unknownGrace,
                origin: services.origin
            ),
            settler: services.settler,
            scan: QueueScan(pool: services.pool),
            directory: services.directory,
            credentials: client.credentials,
            quota: QuotaWatch(account: account, ses: client.ses, engine: engine, store: store, logger: logger),
            store: store,
            logger: logger
        )
        if let directory = services.directory.current { engine.configure(account, lanes: directory.lanes.values) }
        if services.isStopping { engine.stop() }
        await withTaskGroup { group in
            group.addTask {
                await self.watch(account, lease: lease, term: term, engine: engine, logger: logger)
                engine.stop()
            }
            await dispatcher.run()
            group.cancelAll()
        }
        logger.info("no longer scheduling the account", metadata: ["epoch": "\(term.epoch)"])
    }

    /// Returns when the term is over: the lease or the lock is lost, or the account is configured differently.
    private func watch(
        _ account: Account,
        lease: HeldLease,
        term: AccountLeadership.Term,
        engine: AccountEngine,
        logger: Logger
    ) async {
        while !Task.isCancelled, !engine.isStopping {
            if services.leases.held?.life != lease.life { return }
            if let directory = services.directory.current {
                guard let current = directory.accounts[accountID], current.hasSameConnection(as: account) else {
                    return
                }
            }
            do {
                try await term.session.check()
            } catch {
                if !Task.isCancelled {
                    logger.warning("the lock on the account is lost", metadata: ["error": "\(error)"])
                }
                return
            }
            try? await Task.sleep(for: Self.check)
        }
    }
}

extension Account {
    /// What a running dispatcher cannot change is the same.
    fileprivate func hasSameConnection(as other: Account) -> Bool {
        awsRegion == other.awsRegion && endpoint == other.endpoint && credentials == other.credentials
            && configurationSet == other.configurationSet && window == other.window
            && quota.isAuto == other.quota.isAuto
    }
}

extension AccountDocument.Quota {
    fileprivate var isAuto: Bool { self == .auto }
}
