public import AWS
import Capacity
public import Directory
public import Logging
public import Outbound
public import Outbox
public import Postgres
public import ServiceLifecycle

/// Sends mail: one runner for each account, and the promotion of what was deferred.
public struct DispatchService: Service {
    private static let interval = Duration.milliseconds(500)

    private let services: DispatchServices
    private let pool: PostgresPool
    private let logger: Logger

    /// - Parameters:
    ///   - postgres: for the connections of their own that hold advisory locks.
    ///   - http: for calls to SES.
    public init(
        postgres: PostgresConfiguration,
        pool: PostgresPool,
        directory: DirectoryCache,
        leases: LeaseKeeper,
        settler: Settler,
        http: HTTPClient,
        credentials: CredentialSettings,
        timing: LeaseTiming = LeaseTiming(),
        unknownGrace: Duration,
        logger: Logger
    ) {
        self.pool = pool
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
            logger: logger
        )
    }

    /// Hints that queues have rows, from a gateway in the same process.
    public func note(_ signs: [QueueSign]) {
        services.note(signs)
    }

    /// Returns after a graceful shutdown when every call has ended.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await PromotionLoop(pool: pool, logger: logger, services: services).run() }
                await runAccounts()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            services.stop()
        }
    }

    /// Starts a runner for each account that the directory comes to name.
    private func runAccounts() async {
        await withDiscardingTaskGroup { group in
            var running: Set<Int32> = []
            while !services.isStopping, !Task.isCancelled {
                for id in services.directory.current?.accounts.keys.sorted() ?? [] where running.insert(id).inserted {
                    group.addTask { await AccountRunner(accountID: id, services: services).run() }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
