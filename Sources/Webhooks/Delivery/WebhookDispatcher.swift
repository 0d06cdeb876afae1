import Foundation
public import Logging
public import Outbound
import Outbox
public import Postgres
public import Sealing
public import ServiceLifecycle
import Synchronization
public import Telemetry

/// Sends queued deliveries. Each endpoint has its own few slots, so one that hangs delays nobody else; each delivery is sent at
/// least once, always with the same id.
///
/// In a graceful shutdown nothing more is claimed, and requests under way have a few seconds to get their answers.
public final class WebhookDispatcher: Service {
    /// The client of webhooks; nothing else may share its connections. Idle connections are given up before common servers
    /// close them.
    public static var clientConfiguration: HTTPClient.Configuration {
        HTTPClient.Configuration(
            maxConnections: 2 * Bulkhead.total,
            maxConnectionsPerHost: Bulkhead.total,
            maxConcurrentTransfers: Bulkhead.total,
            connectionMaxIdle: .seconds(4),
            userAgent: nil
        )
    }

    /// How long requests under way have for their answers once the node stops; then they are given up, and made again.
    private static let stopPatience = Duration.seconds(5)
    private static let pace = LookPace(.milliseconds(50), most: .milliseconds(200))
    /// Between two claims, so that a claim serves the slots that several answers have freed.
    private static let pause = Duration.milliseconds(5)

    /// How long an endpoint that is to be disabled or held is left alone at least, while that is being written.
    private static let rest = Duration.seconds(10)

    private let claimer: DeliveryClaimer
    private let feed: FeedReader
    private let sender: DeliverySender
    private let journal: ResultJournal
    private let metrics = WebhookMetrics()
    private let tracing: DeliveryTracing?
    private let logger: Logger
    private let bulkhead = Mutex(Bulkhead())
    private let isStopping = Atomic(false)
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - client: made with ``clientConfiguration``, for this dispatcher alone.
    ///   - egress: where requests may go.
    ///   - allowsHTTP: whether `http` URLs are sent to.
    ///   - vault: opens secrets that are sealed.
    ///   - tracer: records requests about messages whose traces are recorded, and hands those on; nil: none.
    public init(
        pool: PostgresPool,
        client: HTTPClient,
        egress: EgressPolicy,
        allowsHTTP: Bool,
        vault: Vault? = nil,
        tracer: Tracer? = nil,
        logger: Logger
    ) {
        tracing = tracer.map { DeliveryTracing(tracer: $0, reader: TraceReader(pool: pool)) }
        claimer = DeliveryClaimer(pool: pool, vault: vault)
        feed = FeedReader(pool: pool)
        sender = DeliverySender(client: client, egress: egress, allowsHTTP: allowsHTTP)
        journal = ResultJournal(
            store: ResultStore(pool: pool, disabler: EndpointDisabler(notices: NoticeStore(pool: pool))),
            logger: logger
        )
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that deliveries were queued; to be given to ``FanOut``.
    public func wake() {
        signal.yield()
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.journal.run() }
                group.addTask { await self.tick() }
                group.addTask { await self.unpark() }
                group.addTask { await self.bringBack() }
                await withDiscardingTaskGroup { deliveries in
                    var trouble = ClaimTrouble()
                    for await _ in signals {
                        if isStopping.load(ordering: .acquiring) { break }
                        for delivery in await claim(&trouble) {
                            deliveries.addTask { await self.deliver(delivery) }
                        }
                        try? await Task.sleep(for: Self.pause)
                    }
                    await waitForAnswers()
                    deliveries.cancelAll()
                }
                journal.finish()
            }
        } onGracefulShutdown: {
            self.isStopping.store(true, ordering: .releasing)
            self.signal.yield()
        }
    }

    /// Looks for what other nodes have queued, and for what has become due.
    private func tick() async {
        var pace = Self.pace
        while !Task.isCancelled, !isStopping.load(ordering: .acquiring) {
            signal.yield()
            try? await Task.sleep(for: pace.next(found: bulkhead.withLock { $0.inFlight > 0 }))
        }
    }

    /// What was parked is found by claims a second late at most.
    private func unpark() async {
        while !Task.isCancelled, !isStopping.load(ordering: .acquiring) {
            // Whatever keeps it from this keeps claims from theirs, and is told there.
            try? await claimer.unpark()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// A step of the database's clock is rare, so that this looks seldom.
    private func bringBack() async {
        while !Task.isCancelled, !isStopping.load(ordering: .acquiring) {
            try? await claimer.bringBack()
            try? await Task.sleep(for: .seconds(5))
        }
    }

    private struct Delivery {
        let claimed: ClaimedDelivery
        /// Nil when retention has dropped the event.
        let entry: FeedEntry?
        /// The request that the message came with, where that is recorded.
        var trace: TraceContext?
    }

    private func waitForAnswers() async {
        let end = ContinuousClock.now + Self.stopPatience
        while bulkhead.withLock({ $0.inFlight }) > 0, .now < end, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func claim(_ trouble: inout ClaimTrouble) async -> [Delivery] {
        guard !journal.isLagging, trouble.mayTry(now: .now) else { return [] }
        let (limits, slots, free) = bulkhead.withLock { ($0.limits(now: .now), $0.slots, $0.free) }
        guard free > 0 else { return [] }
        do {
            let claimed = try await claimer.claim(limits, slots: slots, free: free)
            guard !claimed.isEmpty else {
                trouble.ended()
                return []
            }
            let entries = try await entries(of: claimed)
            let traces = await tracing?.traces(of: Array(entries.keys)) ?? [:]
            trouble.ended()
            bulkhead.withLock { bulkhead in
                for delivery in claimed {
                    bulkhead.start(
                        delivery.endpointID,
                        isReplay: delivery.isReplay,
                        maxRate: delivery.maxRate,
                        now: .now
                    )
                }
            }
            return claimed.map { claimed in
                Delivery(
                    claimed: claimed,
                    entry: claimed.message.flatMap { entries[$0.event] },
                    trace: claimed.message.flatMap { traces[$0.event] }
                )
            }
        } catch {
            if trouble.failed(now: .now), !Task.isCancelled {
                logger.warning("no webhooks claimed, trying again", metadata: ["error": "\(error)"])
            }
            return []
        }
    }

    /// What to send. If that cannot be read, the claims are given back.
    private func entries(of claimed: [ClaimedDelivery]) async throws -> [EventReference: FeedEntry] {
        let events = Set(claimed.compactMap { $0.message.map { TenantEvent(tenantID: $0.tenantID, event: $0.event) } })
        do {
            return try await feed.entries(events.map { ($0.tenantID, $0.event) })
        } catch {
            try? await claimer.release(claimed)
            throw error
        }
    }

    private struct TenantEvent: Hashable {
        let tenantID: Int32
        let event: EventReference
    }

    private func deliver(_ delivery: Delivery) async {
        let claimed = delivery.claimed
        let (at, began) = (Date(), ContinuousClock.now)
        var answer = DeliveryAnswer.eventGone
        if let entry = delivery.entry, let message = claimed.message {
            if claimed.attempts == 0, !claimed.isReplay { noteLag(of: entry, at: at) }
            let span = tracing?.child(of: delivery.trace)
            answer = await sender.send(
                entry,
                eventID: message.eventID,
                of: claimed,
                traceparent: span?.traceparent
            )
            tracing?.ended(
                span,
                of: delivery.trace,
                entry,
                answer,
                attempt: claimed.attempts + 1,
                from: began
            )
        }
        var random = SystemRandomNumberGenerator()
        let result = DeliveryResult(
            delivery: claimed,
            at: at,
            duration: .now - began,
            answer: answer,
            verdict: DeliveryPolicy.verdict(
                on: answer,
                attempt: claimed.attempts + 1,
                scheduledAt: claimed.scheduledAt,
                now: Date(),
                using: &random
            )
        )
        metrics.ended(result)
        journal.note(result)
        bulkhead.withLock {
            $0.end(
                claimed.endpointID,
                isReplay: claimed.isReplay,
                after: result.duration,
                isSuccess: result.status == .delivered,
                rest: result.verdict == .gone ? Self.rest : result.hold.map { min($0, Self.rest) },
                now: .now
            )
        }
        signal.yield()
    }

    private func noteLag(of entry: FeedEntry, at now: Date) {
        guard let happened = try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(entry.timestamp)
        else {
            return
        }
        metrics.started(lag: .milliseconds(Int64(max(0, now.timeIntervalSince(happened) * 1000))))
    }
}
