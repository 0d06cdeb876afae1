public import Logging
public import Postgres
public import Sealing
public import ServiceLifecycle

/// Meets tenants' own retention, in the background, every few minutes.
public struct RetentionKeeper: Service {
    private static let interval = Duration.seconds(600)
    private static let retry = Duration.seconds(30)
    /// How long one pass may take.
    private static let patience = Duration.seconds(60)

    private let pass: RetentionPass
    private let logger: Logger

    public init(pool: PostgresPool, pseudonyms: Pseudonyms, logger: Logger) {
        pass = RetentionPass(pool: pool, pseudonyms: pseudonyms)
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: await self.work() ? Self.interval : Self.retry)
            }
        }
    }

    private func work() async -> Bool {
        do {
            return try await pass.run(until: .now + Self.patience)
        } catch {
            logger.warning("tenants' retention is not met yet, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }
}
