import Directory
public import Logging
public import Postgres
public import ServiceLifecycle

/// Keeps each account away from the rates at which SES reviews and pauses it: counts what is sent, what bounces and what is
/// complained of, and warns, slows and pauses the tenant that does the harm.
///
/// Every node runs one; they take turns by an advisory lock, and nothing is kept in memory between two turns.
public struct ReputationGuard: Service {
    private static let interval = Duration.seconds(2)
    private static let wholeInterval = Duration.seconds(60)

    private let turn: GuardTurn
    private let logger: Logger

    public init(pool: PostgresPool, logger: Logger) {
        turn = GuardTurn(pool: pool)
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            let metrics = ReputationMetrics()
            var wholeAt = ContinuousClock.now
            while !Task.isCancelled {
                var pause = Self.interval
                do {
                    let isWhole = ContinuousClock.now >= wholeAt
                    if isWhole { metrics.begin(try await self.turn.accountNames()) }
                    if let result = try await self.turn.take(isWhole: isWhole) {
                        if isWhole { wholeAt = .now + Self.wholeInterval }
                        if result.hasMore { pause = .milliseconds(10) }
                        self.log(result.changes)
                        metrics.show(result)
                    }
                } catch {
                    self.logger.warning("standings not judged, trying again", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func log(_ changes: [StandingChange]) {
        for change in changes {
            logger.log(
                level: change.new > change.old ? .warning : .notice,
                "a standing has changed",
                metadata: [
                    "account": "\(change.account)", "tenant": "\(change.tenant ?? "")",
                    "from": "\(change.old.rawValue)",
                    "to": "\(change.new.rawValue)", "reason": "\(change.reason ?? "")",
                ]
            )
        }
    }
}
