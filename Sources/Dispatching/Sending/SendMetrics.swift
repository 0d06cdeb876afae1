import Metrics
import SES

/// What the sends of one account look like to an operator.
struct SendMetrics: Sendable {
    private let sent: Counter
    private let notSent: Counter
    private let unknown: Counter
    private let throttled: Counter
    private let duration: Metrics.Timer
    private let lateness: Metrics.Timer

    init(account: String) {
        func attempts(_ outcome: String) -> Counter {
            Counter(label: "sluice_send_attempts", dimensions: [("account", account), ("outcome", outcome)])
        }
        sent = attempts("sent")
        notSent = attempts("not_sent")
        unknown = attempts("unknown")
        throttled = Counter(label: "sluice_throttled", dimensions: [("account", account)])
        duration = Metrics.Timer(label: "sluice_send_duration", dimensions: [("account", account)])
        lateness = Metrics.Timer(label: "sluice_send_lateness", dimensions: [("account", account)])
    }

    /// A call went out so much after its slot.
    func started(late: Duration) {
        lateness.record(duration: late)
    }

    func ended(_ outcome: SendOutcome, after elapsed: Duration) {
        switch outcome {
        case .sent: sent.increment()
        case .unknown: unknown.increment()
        case .notSent(let failure):
            notSent.increment()
            if failure.kind == .throttled { throttled.increment() }
        }
        duration.record(duration: elapsed)
    }
}
