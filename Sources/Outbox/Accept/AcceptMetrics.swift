import Metrics

/// What accepting looks like to an operator.
struct AcceptMetrics: Sendable {
    private let messages = Counter(label: "sluice_accepted_messages")
    private let recipients = Counter(label: "sluice_accepted_recipients")
    private let duration = Metrics.Timer(label: "sluice_accept_flush_duration")
    private let size = Recorder(label: "sluice_accept_flush_messages", aggregate: true)

    /// One commit, with all its round trips.
    func flushed(_ messages: Int, took: Duration) {
        size.record(messages)
        duration.record(duration: took)
    }

    func committed(_ messages: [NewMessage]) {
        committed(messages.count, recipients: messages.reduce(0) { $0 + $1.recipients.count })
    }

    func committed(_ messages: Int, recipients: Int) {
        self.messages.increment(by: messages)
        self.recipients.increment(by: recipients)
    }
}
