public import Foundation
public import Logging
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Notes when keys were used last: in memory with each request, and in the database every few seconds with one statement for
/// all of them. A use that a crash loses is no harm.
public final class KeyUses: Service {
    private static let interval = Duration.seconds(5)

    private let pool: PostgresPool
    private let logger: Logger
    /// As many at most as the directory has keys.
    private let uses = Mutex<[UUID: Date]>([:])

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func note(_ key: UUID, at time: Date) {
        uses.withLock { $0[key] = time }
    }

    /// Writes what was noted since the last time. What cannot be written is kept for the next.
    public func write() async throws {
        let noted = uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
        guard !noted.isEmpty else { return }
        do {
            let sorted = noted.sorted { $0.key.uuidString < $1.key.uuidString }
            _ = try await pool.query(
                """
                UPDATE api_key SET last_used_at = greatest(last_used_at, used.at)
                FROM (SELECT id, at FROM unnest(\(sorted.map(\.key)), \(sorted.map(\.value))) AS u (id, at) ORDER BY id) AS used
                WHERE api_key.id = used.id
                """
            )
        } catch {
            uses.withLock { $0.merge(noted) { max($0, $1) } }
            throw error
        }
    }

    /// Writes until the graceful shutdown, and once more then.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await self.writeOrKeep()
            }
        }
        await writeOrKeep()
    }

    private func writeOrKeep() async {
        do {
            try await write()
        } catch {
            logger.debug("the use of keys was not written", metadata: ["error": "\(error)"])
        }
    }
}
