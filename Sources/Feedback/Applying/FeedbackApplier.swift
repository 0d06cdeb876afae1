public import Logging
import Outbox
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Applies what SES says, exactly once: `take` answers after the commit that holds it.
///
/// Group commit without a timer, as `AcceptWriter` does it: what arrives while the flushes are running forms the next one.
/// Bounded by count and bytes; a full queue answers `busy`, and the sender comes again.
public final class FeedbackApplier: NotificationTaking, Service {
    /// The bounds of the queue and of one flush.
    public struct Limits: Sendable {
        /// Notifications.
        public var waiting = 5_000
        public var waitingBytes = 64 << 20
        /// Pieces of evidence.
        public var flush = 200
        public var flushesAtOnce = 2

        public init() {}
    }

    private struct Waiter {
        let events: [SESEvent]
        let bytes: Int
        let continuation: CheckedContinuation<NotificationResult, Never>
    }

    private struct State {
        var waiters: [Waiter] = []
        var bytes = 0
        var flushes = 0
        var isStopped = false
    }

    private let writer: EventWriter
    private let limits: Limits
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter unjoined: how long events without our tags wait for the settling of their sends, and how many.
    public init(
        pool: PostgresPool,
        limits: Limits = Limits(),
        unjoined: UnjoinedLimits = UnjoinedLimits(),
        logger: Logger
    ) {
        self.limits = limits
        writer = EventWriter(pool: pool, slice: limits.flush, unjoined: unjoined, logger: logger)
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
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
        await withCheckedContinuation { continuation in
            let isQueued = state.withLock { state in
                if state.isStopped || state.waiters.count >= limits.waiting || state.bytes + bytes > limits.waitingBytes
                {
                    return false
                }
                state.waiters.append(Waiter(events: events, bytes: bytes, continuation: continuation))
                state.bytes += bytes
                return true
            }
            if isQueued { signal.yield() } else { continuation.resume(returning: .busy) }
        }
    }

    /// Flushes until the graceful shutdown; what waits by then is still written.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in signals {
                    while let batch = takeBatch() {
                        group.addTask {
                            await self.flush(batch)
                            self.state.withLock { $0.flushes -= 1 }
                            self.signal.yield()
                        }
                    }
                    if state.withLock({ $0.isStopped && $0.waiters.isEmpty }) { break }
                }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopped = true }
            self.signal.yield()
        }
        let left = state.withLock { state in
            state.isStopped = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left { waiter.continuation.resume(returning: .busy) }
    }

    private func takeBatch() -> [Waiter]? {
        state.withLock { state in
            guard state.flushes < limits.flushesAtOnce, !state.waiters.isEmpty else { return nil }
            var count = 0
            var pieces = 0
            for waiter in state.waiters {
                if count > 0, pieces + waiter.events.count > limits.flush { break }
                count += 1
                pieces += waiter.events.count
            }
            let batch = Array(state.waiters.prefix(count))
            state.waiters.removeFirst(count)
            state.bytes -= batch.reduce(0) { $0 + $1.bytes }
            state.flushes += 1
            return batch
        }
    }

    private func flush(_ batch: [Waiter]) async {
        var fates = await writer.write(batch.flatMap(\.events))[...]
        for waiter in batch {
            let own = fates.prefix(waiter.events.count)
            fates = fates.dropFirst(waiter.events.count)
            waiter.continuation.resume(returning: Self.result(own))
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
