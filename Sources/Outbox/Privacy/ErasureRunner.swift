public import Logging
public import Postgres
public import ServiceLifecycle

/// Erases what tenants have asked for, step by step; several nodes may work on several erasures at once.
public struct ErasureRunner: Service {
    private static let interval = Duration.seconds(2)
    /// Between two steps, so that mail goes first.
    private static let pause = Duration.milliseconds(5)

    private let step: ErasureStep
    private let logger: Logger

    public init(pool: PostgresPool, logger: Logger) {
        step = ErasureStep(pool: pool)
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var hasMore = false
                do {
                    hasMore = try await self.step.run()
                } catch {
                    self.logger.warning("an erasure waits, trying again", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: hasMore ? Self.pause : Self.interval)
            }
        }
    }
}
