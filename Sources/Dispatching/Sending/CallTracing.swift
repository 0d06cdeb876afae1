import Directory
import Mail
import Outbox
import SES
import Telemetry

/// Records calls to SES in the traces of the messages that they carried.
struct CallTracing: Sendable {
    let tracer: Tracer
    let directory: DirectoryCache
    let account: String

    /// One call. Its span is in the trace of the first message that has one; to the others it is linked.
    func ended(
        _ calls: [ClaimedCall],
        outcomes: [SendOutcome],
        from startedAt: ContinuousClock.Instant,
        to endedAt: ContinuousClock.Instant
    ) {
        guard let first = zip(calls, outcomes).first(where: { $0.0.trace != nil }),
            let parent = first.0.trace
        else {
            return
        }
        let (call, outcome) = first
        let lane = directory.current?.lanes[call.laneID]
        let tenant = lane.flatMap { directory.current?.tenants[$0.tenantID]?.name }
        var attributes: [(key: String, value: TraceSpan.Value)] = [
            ("sluice.account", .text(account)),
            ("sluice.message_id", .text(call.entry.message.description)),
            ("sluice.outbox_id", .text(call.entry.text)),
            ("sluice.attempt", .number(Int(call.rows.first?.attempt ?? 0) + 1)),
            ("sluice.recipients", .number(calls.reduce(0) { $0 + $1.rows.count })),
            ("sluice.outcome", .text(outcome.word)),
        ]
        if let lane { attributes.append(("sluice.lane", .text(lane.name))) }
        if let tenant { attributes.append(("sluice.tenant", .text(tenant))) }
        if calls.count > 1 { attributes.append(("sluice.messages", .number(calls.count))) }
        tracer.record(
            TraceSpan(
                calls.count > 1 ? "SES SendBulkEmail" : "SES SendEmail",
                kind: .client,
                context: tracer.child(of: parent),
                parent: parent,
                links: calls.compactMap(\.trace).filter { $0 != parent },
                from: startedAt,
                to: endedAt,
                attributes: attributes,
                failure: outcome.failure?.kind.description
            )
        )
    }
}

extension SendOutcome {
    /// As metrics and traces name it.
    var word: String {
        switch self {
        case .sent: "sent"
        case .notSent: "not_sent"
        case .unknown: "unknown"
        }
    }

    fileprivate var failure: SendFailure? {
        switch self {
        case .sent: nil
        case .notSent(let failure), .unknown(let failure): failure
        }
    }
}
