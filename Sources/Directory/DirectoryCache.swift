public import Logging
public import Postgres
public import ServiceLifecycle
import Synchronization

/// The directory in memory, at most half a second old while the database answers.
///
/// Keeps serving the last snapshot while it does not. `current` is nil until the first load.
public final class DirectoryCache: Service {
    private static let interval = Duration.milliseconds(500)

    private let pool: PostgresPool
    private let logger: Logger
    private let snapshot = Mutex<DirectorySnapshot?>(nil)

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public var current: DirectorySnapshot? { snapshot.withLock { $0 } }

    /// Loads the directory if its version has changed.
    public func refresh() async throws {
        let version = try await pool.withConnection { try await DirectoryLoader.version($0) }
        let before = current?.version
        guard version != before else { return }
        let loaded = try await DirectoryLoader.load(pool)
        // Of two loads at once the older one may end last; alone, a lower version is a restored database's.
        snapshot.withLock { snapshot in
            if snapshot?.version == before || snapshot.map({ $0.version < loaded.version }) ?? true {
                snapshot = loaded
            }
        }
        logger.debug("directory loaded", metadata: ["version": "\(loaded.version)"])
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.refresh()
                } catch {
                    self.logger.debug("directory not loaded", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }
}
