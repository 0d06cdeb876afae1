import Metrics
import Outbox

/// What the process counts of SES's feedback.
public enum FeedbackMetrics {
    /// Why something is kept: all reasons there are.
    public static let keptReasons = [
        "bad_envelope", "malformed", "not_json", "refused_by_database", "subscription_ended",
        "subscription_unconfirmed", "too_large", "unknown_type", "unlisted_topic", "unused_type",
    ]

    static func applied(_ type: String, lag: Duration) {
        Counter(label: "sluice_feedback_events", dimensions: [("type", type)]).increment()
        Metrics.Timer(label: "sluice_feedback_lag").record(duration: max(.zero, lag))
    }

    static func duplicate() { Counter(label: "sluice_feedback_duplicates").increment() }
    static func notOurs() { Counter(label: "sluice_feedback_not_ours").increment() }

    /// Set aside for the operator.
    ///
    /// - Parameter reason: one of `keptReasons`; never what a stranger wrote.
    public static func kept(_ reason: String) {
        Counter(label: "sluice_feedback_kept", dimensions: [("reason", reason)]).increment()
    }

    static func alarm(_ kind: OperatorAlarm.Kind) {
        Counter(label: "sluice_feedback_alarms", dimensions: [("kind", kind.rawValue)]).increment()
    }

    static func waiting(_ rows: Int) { Gauge(label: "sluice_feedback_waiting").record(rows) }
    static func missing(_ rows: Int, account: String) {
        Gauge(label: "sluice_feedback_missing", dimensions: [("account", account)]).record(rows)
    }

    static func lastEvent(_ seconds: Double, account: String) {
        Gauge(label: "sluice_feedback_last_event_timestamp_seconds", dimensions: [("account", account)]).record(seconds)
    }
}
