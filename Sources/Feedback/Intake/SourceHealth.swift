import FoundationEssentials
public import Logging
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Counts what comes in by source, and writes it down every five seconds: one row a source, however much comes.
public final class SourceHealth: Service {
    private struct Key: Hashable {
        let accountID: Int32
        let source: String
    }

    private static let interval = Duration.seconds(5)
    /// Sources are configured; more than these are not counted until they are written.
    private static let most = 10_000

    let store: SourceStore
    private let logger: Logger
    private let counts = Mutex<[Key: SourceStore.Count]>([:])

    public init(pool: PostgresPool, logger: Logger) {
        store = SourceStore(pool: pool)
        self.logger = logger
    }

    /// Something came from a source; `isEvent` when it was an event and is durable.
    public func note(accountID: Int32, source: String, isEvent: Bool) {
        let now = Date()
        counts.withLock { counts in
            let key = Key(accountID: accountID, source: source)
            guard counts[key] != nil || counts.count < Self.most else { return }
            var count = counts[key] ?? SourceStore.Count(accountID: accountID, source: source, receivedAt: now)
            count.receivedAt = now
            if isEvent {
                count.eventAt = now
                count.events += 1
            }
            counts[key] = count
        }
    }

    /// Writes until the graceful shutdown, and once more then.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                if !Task.isCancelled { await self.flush() }
            }
        }
        await flush()
    }

    /// Writes what was counted; what cannot be written counts on.
    func flush() async {
        let batch = counts.withLock { counts in
            defer { counts = [:] }
            return Array(counts.values)
        }
        guard !batch.isEmpty else { return }
        do {
            try await store.add(batch)
        } catch {
            logger.debug("feedback sources not written, trying again", metadata: ["error": "\(error)"])
            counts.withLock { counts in
                for old in batch {
                    let key = Key(accountID: old.accountID, source: old.source)
                    var count = counts[key] ?? old
                    if counts[key] != nil {
                        count.events += old.events
                        count.eventAt = count.eventAt ?? old.eventAt
                    }
                    counts[key] = count
                }
            }
        }
    }
}
