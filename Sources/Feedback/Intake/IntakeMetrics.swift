import Metrics

/// What the intake looks like to an operator.
enum IntakeMetrics {
    /// A notification came by `way` and ended so.
    static func took(_ result: NotificationResult, account: String, way: String) {
        let name =
            switch result {
            case .done: "done"
            case .notOurs: "not_ours"
            case .kept: "kept"
            case .busy: "busy"
            }
        Counter(
            label: "sluice_feedback_notifications",
            dimensions: [("account", account), ("way", way), ("result", name)]
        ).increment()
    }

    /// Something was refused whose sender is not known.
    static func refused(_ code: String) {
        Counter(label: "sluice_feedback_refused", dimensions: [("code", code)]).increment()
    }

    /// A queue could not be read.
    static func queueFailed(account: String) {
        Counter(label: "sluice_feedback_queue_failures", dimensions: [("account", account)]).increment()
    }
}
