import Directory
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
    private let recipients: RecipientCounters
    private let account: String

    /// - Parameter directory: where the shares' paths are found.
    init(account: String, directory: DirectoryCache) {
        self.account = account
        recipients = RecipientCounters(account: account, directory: directory)
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

    /// - Parameter recipients: of the call, or of its entry in a bulk call.
    func ended(_ outcome: SendOutcome, share: Int32, recipients: Int, after elapsed: Duration) {
        self.recipients.count(recipients, share: share, outcome: outcome)
        switch outcome {
        case .sent: sent.increment()
        case .unknown(let failure):
            unknown.increment()
            failed(failure)
        case .notSent(let failure):
            notSent.increment()
            failed(failure)
            if failure.kind == .throttled { throttled.increment() }
        }
        duration.record(duration: elapsed)
    }

    private func failed(_ failure: SendFailure) {
        Counter(
            label: "sluice_send_failures",
            dimensions: [("account", account), ("kind", failure.kind.description)]
        ).increment()
    }
}
