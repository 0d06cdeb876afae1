import Mail
import Outbox
import Postgres
import Telemetry

/// Records requests to endpoints in the traces of the messages that they tell of.
struct DeliveryTracing: Sendable {
    let tracer: Tracer
    let reader: TraceReader

    /// Of the events that are about messages whose traces are recorded.
    func traces(of events: [EventReference]) async -> [EventReference: TraceContext] {
        let messages = events.compactMap { event in
            OutboxID(high: event.outboxID.high, low: event.outboxID.low).map { (event, $0.message) }
        }
        let traces = await reader.traces(of: messages.map(\.1))
        guard !traces.isEmpty else { return [:] }
        var found: [EventReference: TraceContext] = [:]
        for (event, message) in messages { found[event] = traces[message] }
        return found
    }

    /// The span that a request about a message is going to be; nil where its trace is not recorded.
    func child(of trace: TraceContext?) -> TraceContext? {
        trace.map { tracer.child(of: $0) }
    }

    func ended(
        _ span: TraceContext?,
        of trace: TraceContext?,
        _ entry: FeedEntry,
        _ answer: DeliveryAnswer,
        attempt: Int,
        from startedAt: ContinuousClock.Instant
    ) {
        guard let span, let trace else { return }
        var attributes: [(key: String, value: TraceSpan.Value)] = [
            ("sluice.event", .text(entry.type)), ("sluice.event_id", .text(entry.id)),
            ("sluice.attempt", .number(attempt)),
        ]
        var failure: String?
        switch answer {
        case .status(let status, _):
            attributes.append(("http.response.status_code", .number(status)))
            if !(200..<300).contains(status) { failure = "status" }
        case .failure(let word): failure = word
        default: failure = "interrupted"
        }
        tracer.record(
            TraceSpan(
                "webhook \(entry.type)",
                kind: .client,
                context: span,
                parent: trace,
                from: startedAt,
                to: .now,
                attributes: attributes,
                failure: failure
            )
        )
    }
}
