public import Logging
import Outbox
public import Postgres
public import ServiceLifecycle
public import Telemetry

/// Applies what SES says, exactly once: `take` answers after the commit that holds it.
///
/// Bounded by count and bytes; a full queue answers `busy`, and the sender comes again.
public final class FeedbackApplier: NotificationTaking, Service {
    /// The bounds of the queue and of one flush.
    public struct Limits: Sendable {
        /// Pieces of evidence.
        public var waiting = 5_000
        public var waitingBytes = 64 << 20
        public var flush = 200
        public var flushesAtOnce = 2

        public init() {}
    }

    private let writer: EventWriter
    private let commits: GroupCommit<[SESEvent], NotificationResult>

    /// - Parameter unjoined: how long events without our tags wait for the settling of their sends, and how many.
    /// - Parameter tracer: records events about messages whose traces are recorded; nil: none.
    public init(
        pool: PostgresPool,
        limits: Limits = Limits(),
        unjoined: UnjoinedLimits = UnjoinedLimits(),
        tracer: Tracer? = nil,
        logger: Logger
    ) {
        writer = EventWriter(
            pool: pool,
            slice: limits.flush,
            unjoined: unjoined,
            tracing: tracer.map { EventTracing(tracer: $0, reader: TraceReader(pool: pool)) },
            logger: logger
        )
        commits = GroupCommit(
            .init(
                waiting: limits.waiting,
                waitingBytes: limits.waitingBytes,
                flush: limits.flush,
                flushBytes: limits.waitingBytes,
                flushesAtOnce: limits.flushesAtOnce
            )
        )
    }

    public func take(_ notification: Notification) async -> NotificationResult {
        let reader = SESReader(accountID: notification.accountID, receivedAt: notification.receivedAt)
        let result = await take(reader.read(notification.message), bytes: notification.message.count)
        if case .kept(let reason, _) = result { FeedbackMetrics.kept(reason) }
        return result
    }

    private func take(_ reading: SESReading, bytes: Int) async -> NotificationResult {
        switch reading {
        case .events(let events): return await queued(events, bytes: bytes)
        case .setupNotice: return .notOurs
        case .notOurs:
            FeedbackMetrics.notOurs()
            return .notOurs
        case .unused(let type):
            return .kept(
                reason: ["Subscription", "Received"].contains(type) ? "unused_type" : "unknown_type",
                detail: "SES's type '\(type)' says nothing about mail of ours that is kept"
            )
        case .unreadable(let reason, let detail): return .kept(reason: reason, detail: detail)
        }
    }

    /// Not cancellable: a sender that hangs up leaves its event on its way.
    private func queued(_ events: [SESEvent], bytes: Int) async -> NotificationResult {
        do {
            return try await commits.submit(events, units: events.count, bytes: bytes, party: nil)
        } catch {
            return .busy
        }
    }

    /// Flushes until the graceful shutdown; what waits by then is still written.
    public func run() async throws {
        await commits.run(hasLeft: { $0 != .busy }) { [writer] notifications in
            var fates = await writer.write(notifications.flatMap(\.self))[...]
            return notifications.map { events in
                defer { fates = fates.dropFirst(events.count) }
                return Self.result(fates.prefix(events.count))
            }
        }
    }

    /// A notification with several events is done when all are; what was written of it is known when it comes again.
    private static func result(_ fates: some Collection<EventWriter.Fate>) -> NotificationResult {
        if fates.contains(.postponed) { return .busy }
        if fates.contains(.refused) {
            return .kept(reason: "refused_by_database", detail: "the database refuses a value in it")
        }
        return fates.contains(.written) ? .done : .notOurs
    }
}
