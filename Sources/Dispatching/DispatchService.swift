public import AWS
public import Capacity
public import Directory
public import Logging
public import Outbound
public import Outbox
public import Postgres
public import Sealing
public import ServiceLifecycle
import Synchronization
public import Telemetry

/// Sends mail: one runner for each account, and the promotion of what was deferred.
public struct DispatchService: Service {
    private static let interval = Duration.milliseconds(500)
    private static let farewell = Duration.seconds(2)

    private let services: DispatchServices
    private let pool: PostgresPool
    private let hints: QueueHints
    private let logger: Logger

    /// - Parameters:
    ///   - postgres: for the connections of their own that hold advisory locks.
    ///   - hints: tell other nodes of queues that they serve.
    ///   - http: for calls to SES.
    ///   - publicURL: where the links to unsubscribe lead, without a slash at its end; nil: bulk mail has none.
    ///   - vault: opens mail that is sealed.
    ///   - tracer: records calls of messages whose traces are recorded; nil: none.
    public init(
        postgres: PostgresConfiguration,
        pool: PostgresPool,
        directory: DirectoryCache,
        leases: LeaseKeeper,
        settler: Settler,
        hints: QueueHints,
        http: HTTPClient,
        credentials: CredentialSettings,
        timing: LeaseTiming = LeaseTiming(),
        unknownGrace: Duration,
        publicURL: String? = nil,
        vault: Vault? = nil,
        tracer: Tracer? = nil,
        logger: Logger
    ) {
        self.pool = pool
        self.hints = hints
        self.logger = logger
        services = DispatchServices(
            postgres: postgres,
            pool: pool,
            directory: directory,
            leases: leases,
            settler: settler,
            http: http,
            credentials: credentials,
            timing: timing,
            unknownGrace: unknownGrace,
            publicURL: publicURL,
            vault: vault,
            tracer: tracer,
            logger: logger
        )
    }

    /// Hints that queues have rows, from a gateway in the same process; returns the signs that are for other nodes.
    public func note(_ signs: [QueueSign]) -> [QueueSign] {
        services.note(signs)
    }

    /// Returns after a graceful shutdown when every call has ended.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask {
                    await PromotionLoop(pool: pool, logger: logger, services: services, hints: hints).run()
                }
                group.addTask {
                    await QueueWatch(scan: QueueScan(pool: pool, marks: services.marks), services: services).run()
                }
                group.addTask { for await signs in services.settler.returned { hints.note(services.returned(signs)) } }
                group.addTask {
                    await ClockSampler(
                        pool: pool,
                        origin: services.origin,
                        life: { services.leases.held?.life },
                        logger: logger
                    ).run()
                }
                group.addTask {
                    await HintListener(
                        configuration: services.postgres,
                        services: services,
                        ownSender: hints.sender,
                        logger: logger
                    ).run()
                }
                await runAccounts()
                await returnLast()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            services.stop()
        }
    }

    /// Waits until the last outcomes are written and what they gave back is signed, as far as the database takes them soon.
    private func returnLast() async {
        let end = ContinuousClock.now + Self.farewell
        while services.settler.pending > 0, ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        // Their signs are read at once.
        try? await Task.sleep(for: .milliseconds(20))
    }

    /// Starts a runner for each account that the directory comes to name.
    private func runAccounts() async {
        await withDiscardingTaskGroup { group in
            let running = Running()
            while !services.isStopping, !Task.isCancelled {
                for id in services.directory.current?.accounts.keys.sorted() ?? [] where running.begin(id) {
                    group.addTask {
                        await AccountRunner(accountID: id, services: services).run()
                        running.end(id)
                    }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}

/// The accounts that have a runner. One that was removed and made again gets another.
private final class Running: Sendable {
    private let accounts = Mutex<Set<Int32>>([])

    func begin(_ account: Int32) -> Bool { accounts.withLock { $0.insert(account).inserted } }
    func end(_ account: Int32) { accounts.withLock { _ = $0.remove(account) } }
}
