import Logging
import Outbox
import Postgres

/// Promotes deferred entries and expires waiting ones. Every dispatching node runs it; `SKIP LOCKED` keeps them apart.
struct PromotionLoop: Sendable {
    private static let interval = Duration.milliseconds(250)
    private static let releaseInterval = Duration.seconds(5)
    private static let lateInterval = Duration.seconds(60)

    let pool: PostgresPool
    let logger: Logger
    let services: DispatchServices
    let hints: QueueHints

    func run() async {
        let promoter = Promoter(pool: pool)
        let sweep = ExpirySweep(pool: pool)
        let release = HeldRelease(pool: pool)
        let late = LateSweep(pool: pool, longestPause: RetryPolicy.longestPause, unknownGrace: services.unknownGrace)
        var releaseAt = ContinuousClock.now
        var lateAt = ContinuousClock.now
        while !Task.isCancelled {
            var hasMore = false
            do {
                let now = ContinuousClock.now
                if now >= releaseAt {
                    let hasMoreHeld = try await release.release()
                    releaseAt = hasMoreHeld ? now : now + Self.releaseInterval
                }
                if now >= lateAt {
                    lateAt = now + Self.lateInterval
                    let entries = try await late.sweep()
                    if entries > 0 {
                        logger.notice(
                            "entries were due later than they can be, and were brought back: look at the database's clock",
                            metadata: ["entries": "\(entries)"]
                        )
                    }
                }
                let pass = try await promoter.promote()
                hints.note(services.promoted(pass.queues))
                let expired = try await sweep.sweep()
                hasMore = pass.hasMore || expired >= ExpirySweep.batch
            } catch {
                logger.debug("nothing promoted", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: hasMore ? .milliseconds(10) : Self.interval)
        }
    }
}
