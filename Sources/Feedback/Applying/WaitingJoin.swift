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

    /// Looks at all that are due; returns how many events found their rows.
    @discardableResult
    public func pass() async throws -> Int {
        var joined = 0
        var looked: Int
        repeat {
            let look = try await look(at: .due(Self.batch))
            joined += look.found.count
            looked = look.count
        } while looked >= Self.batch && !Task.isCancelled
        FeedbackMetrics.waiting(try await WaitingStore.count(in: pool))
        return joined
    }

    /// One that the server refuses for its data is found by halves. It gets a second try, as it may have met the removal of
    /// its tenant, and is set aside.
    private func look(at choice: WaitingStore.Choice, isLastTry: Bool = false) async throws -> WaitingStore.Look {
        do {
            let look = try await WaitingStore.look(at: choice, in: pool)
            EventApplying.count(look.found, look.results, logger: logger)
            for _ in 0..<look.expired { FeedbackMetrics.notOurs() }
            return look
        } catch let refusal as WaitingStore.Refusal {
            let events = refusal.events
            var whole = WaitingStore.Look(count: refusal.count)
            if events.count > 1 {
                for half in [events.prefix(events.count / 2), events.dropFirst(events.count / 2)] {
                    whole.found += try await look(at: .named(Array(half))).found
                }
            } else if isLastTry {
                logger.error("a waiting event cannot be written", metadata: ["error": "\(refusal.cause)"])
                try await WaitingStore.setAside(events[0], in: pool)
                FeedbackMetrics.kept("refused_by_database")
            } else {
                whole.found = try await look(at: .named(events), isLastTry: true).found
            }
            return whole
        }
    }
}
