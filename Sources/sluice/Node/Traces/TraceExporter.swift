import Logging
import Outbound
import ServiceLifecycle
import Synchronization
import Telemetry

/// Posts recorded spans to the collector once a second, in batches. What it does not take is dropped and counted: traces are for
/// looking at, and nothing waits for them.
final class TraceExporter: Service {
    private static let interval = Duration.seconds(1)
    private static let batch = 512
    private static let timeouts = Timeouts(
        connect: .seconds(2),
        response: .seconds(5),
        total: .seconds(5)
    )

    private let tracer: Tracer
    private let tracing: NodeConfiguration.Tracing
    private let node: String
    private let client: HTTPClient
    private let logger: Logger
    /// So that trouble is told when it comes and when it is over.
    private let isFailing = Mutex(false)

    /// - Parameter node: its name.
    init(
        _ tracer: Tracer,
        tracing: NodeConfiguration.Tracing,
        node: String,
        client: HTTPClient,
        logger: Logger
    ) {
        self.tracer = tracer
        self.tracing = tracing
        self.node = node
        self.client = client
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                if !Task.isCancelled { await self.export() }
            }
        }
        // What the last requests have left.
        await export()
    }

    /// Posts what waits, until a batch is not taken.
    private func export() async {
        var isTaken = true
        while isTaken {
            let spans = tracer.take(Self.batch)
            guard !spans.isEmpty else { return }
            let trouble = await post(spans)
            isTaken = trouble == nil
            tracer.ended(spans.count, isExported: isTaken)
            tell(trouble)
        }
    }

    /// Returns what went wrong, or nil.
    private func post(_ spans: [TraceSpan]) async -> String? {
        let resource: [(key: String, value: TraceSpan.Value)] = [
            ("service.name", .text("sluice")), ("service.instance.id", .text(node)),
        ]
        var headers: HeaderFields = ["Content-Type": "application/json"]
        for header in tracing.headers { headers.append(name: header.name, value: header.value) }
        do {
            let answer = try await client.send(
                OutboundRequest(
                    method: .post,
                    url: tracing.endpoint,
                    headers: headers,
                    body: OTLPDocument(spans, resource: resource).bytes,
                    timeouts: Self.timeouts,
                    maxResponseBytes: 16 << 10,
                    cutsLongResponse: true
                )
            )
            return (200..<300).contains(answer.status) ? nil : "the collector answered \(answer.status)"
        } catch {
            return "\(error)"
        }
    }

    private func tell(_ trouble: String?) {
        let wasFailing = isFailing.withLock { isFailing in
            defer { isFailing = trouble != nil }
            return isFailing
        }
        if let trouble, !wasFailing {
            logger.warning("traces are not taken, and dropped", metadata: ["error": "\(trouble)"])
        } else if trouble == nil, wasFailing {
            logger.notice("traces are taken again")
        }
    }
}
