public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps the tenants' counters up to date, seconds behind their feeds. Every node runs one; in each turn one of them counts.
public struct UsageCounter: Service {
    private static let pace = LookPace(.seconds(5), most: .seconds(15))

    private let pool: PostgresPool
    private let logger: Logger

    public init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await count() }
    }

    private func count() async {
        let fold = UsageFold(pool: pool)
        var pace = Self.pace
        while !Task.isCancelled {
            let start = ContinuousClock.now
            var isBehind = false
            var hasFound = false
            do {
                let places = try await fold.take()
                hasFound = places > 0
                isBehind = places >= UsageFold.mostOfOne
            } catch is CancellationError {
                return
            } catch {
                logger.warning("usage not counted, trying again", metadata: ["error": "\(error)"])
            }
            let pause = pace.next(found: hasFound)
            // A backlog is worked off with half of one connection's time.
            try? await Task.sleep(for: isBehind ? max(ContinuousClock.now - start, .milliseconds(50)) : pause)
        }
    }
}
