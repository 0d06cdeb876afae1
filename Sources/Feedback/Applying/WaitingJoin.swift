public import Logging
import Outbox
public import Postgres
public import ServiceLifecycle

/// Brings events that overtook the settling of their own sends to their rows. Bounded in each pass; nodes that run it at
/// once skip each other's rows.
public struct WaitingJoin: Service {
    private static let interval = Duration.seconds(1)
    private static let batch = 500

    private let pool: PostgresPool
    private let logger: Logger

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.pass()
                } catch {
                    self.logger.debug("waiting feedback not joined", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// One pass; returns how many events found their rows.
    @discardableResult
    public func pass() async throws -> Int {
        var limit = Self.batch
        while true {
            do {
                let pass = try await WaitingStore.join(limit: limit, in: pool)
                for _ in 0..<pass.expired { FeedbackMetrics.notOurs() }
                FeedbackMetrics.waiting(try await WaitingStore.count(in: pool))
                return pass.joined
            } catch  where DatabaseAvailability.isRefusal(error) {
                // One of them is refused for its data: it is found by halves, and dropped.
                if limit == 1 {
                    logger.error("a waiting event cannot be written", metadata: ["error": "\(error)"])
                    FeedbackMetrics.kept("refused_by_database")
                    try await WaitingStore.dropFirst(in: pool)
                }
                limit = max(1, limit / 2)
            }
        }
    }
}
