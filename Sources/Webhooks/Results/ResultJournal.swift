import Logging
import Postgres
import Synchronization

/// Takes results and writes them in batches: what comes in during one write forms the next. A result that cannot be written is
/// tried again for as long as its claim holds; then the delivery comes back by itself and is made again.
final class ResultJournal: Sendable {
    private static let batch = 200
    /// Results in hand beyond which nothing more is claimed.
    private static let lag = 1_000
    private static let persistence = DeliveryClaimer.lease

    private struct State {
        var results: [DeliveryResult] = []
        var isFinished = false
    }

    private let store: ResultStore
    private let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(store: ResultStore, logger: Logger) {
        self.store = store
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var isLagging: Bool { state.withLock { $0.results.count > Self.lag } }

    func note(_ result: DeliveryResult) {
        state.withLock { $0.results.append(result) }
        signal.yield()
    }

    /// No more results will come: `run` returns when those that came are written.
    func finish() {
        state.withLock { $0.isFinished = true }
        signal.yield()
    }

    func run() async {
        for await _ in signals {
            while let batch = takeBatch() { await write(batch) }
            if state.withLock({ $0.isFinished && $0.results.isEmpty }) { return }
        }
        let count = state.withLock { $0.results.count }
        if count > 0 {
            logger.error("results of webhooks lost; they are sent again", metadata: ["results": "\(count)"])
        }
    }

    /// The next results, up to the second one of a delivery.
    private func takeBatch() -> [DeliveryResult]? {
        state.withLock { state in
            var seen: Set<PostgresUUID> = []
            let count = state.results.prefix(Self.batch).prefix { seen.insert($0.delivery.id).inserted }.count
            guard count > 0 else { return nil }
            let batch = Array(state.results.prefix(count))
            state.results.removeFirst(count)
            return batch
        }
    }

    private func write(_ batch: [DeliveryResult]) async {
        let end = ContinuousClock.now + Self.persistence
        var delay = Duration.milliseconds(100)
        while true {
            do {
                for endpoint in try await store.write(batch) { report(endpoint) }
                return
            } catch {
                guard ContinuousClock.now < end, !Task.isCancelled else {
                    logger.error(
                        "results of webhooks lost; they are sent again",
                        metadata: ["results": "\(batch.count)", "error": "\(error)"]
                    )
                    return
                }
                logger.warning("results of webhooks not written, trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: delay)
                delay = min(delay * 2, .seconds(5))
            }
        }
    }

    private func report(_ endpoint: EndpointDisabler.Disabled) {
        WebhookMetrics.disabled(endpoint.reason)
        logger.error(
            "webhook endpoint disabled",
            metadata: [
                "endpoint": "\(endpoint.endpoint)", "tenant_id": "\(endpoint.tenantID)",
                "reason": "\(endpoint.reason.rawValue)",
            ]
        )
    }
}
