import Logging
import Outbox
import Postgres

/// Promotes deferred entries and expires waiting ones. Every dispatching node runs it; `SKIP LOCKED` keeps them apart.
struct PromotionLoop: Sendable {
    private static let interval = Duration.milliseconds(250)

    let pool: PostgresPool
    let logger: Logger
    let services: DispatchServices
    let hints: QueueHints

    func run() async {
        let promoter = Promoter(pool: pool)
        let sweep = ExpirySweep(pool: pool)
        while !Task.isCancelled {
            var hasMore = false
            do {
                let pass = try await promoter.promote()
                let others = services.note(pass.queues)
                hints.note(others)
                let expired = try await sweep.sweep()
                hasMore = pass.hasMore || expired >= ExpirySweep.batch
            } catch {
                logger.debug("nothing promoted", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: hasMore ? .milliseconds(10) : Self.interval)
        }
    }
}
