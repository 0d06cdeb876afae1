import Mail
import Outbox
import Telemetry

/// Records what SES said in the traces of the messages that it said it of.
struct EventTracing: Sendable {
    let tracer: Tracer
    let reader: TraceReader

    /// Some events that were written together. Those that were known already are in their traces already.
    func applied(
        _ events: [SESEvent],
        _ results: [EvidenceResult],
        from startedAt: ContinuousClock.Instant,
        to endedAt: ContinuousClock.Instant
    ) async {
        let applied = zip(events, results).filter { $0.1 == .applied }.map(\.0.evidence)
        let traces = await reader.traces(of: applied.compactMap { $0.entry?.message })
        for evidence in applied {
            guard let entry = evidence.entry, let parent = traces[entry.message] else { continue }
            tracer.record(
                TraceSpan(
                    "feedback \(evidence.type.rawValue)",
                    kind: .consumer,
                    context: tracer.child(of: parent),
                    parent: parent,
                    from: startedAt,
                    to: endedAt,
                    attributes: [
                        ("sluice.message_id", .text(entry.message.description)),
                        ("sluice.outbox_id", .text(entry.text)),
                        ("sluice.event", .text(evidence.type.rawValue)),
                        ("sluice.attempt", .number(Int(evidence.attempt ?? 0))),
                    ]
                )
            )
        }
    }
}
