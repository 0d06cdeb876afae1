import Metrics

/// What deliveries look like to an operator.
public struct WebhookMetrics: Sendable {
    /// Why an endpoint is disabled: all reasons there are.
    public static var disabledReasons: [String] { EndpointDisabler.Reason.allCases.map(\.rawValue) }

    private let delivered = Self.deliveries("delivered")
    private let retried = Self.deliveries("retried")
    private let failed = Self.deliveries("failed")
    private let discarded = Self.deliveries("discarded")
    private let duration = Metrics.Timer(label: "sluice_webhook_duration")
    private let lag = Metrics.Timer(label: "sluice_webhook_lag")

    private static func deliveries(_ outcome: String) -> Counter {
        Counter(label: "sluice_webhook_deliveries", dimensions: [("outcome", outcome)])
    }

    static func disabled(_ reason: EndpointDisabler.Reason) {
        Counter(label: "sluice_webhook_disabled", dimensions: [("reason", reason.rawValue)]).increment()
    }

    /// A first attempt began so long after its event happened.
    func started(lag: Duration) {
        self.lag.record(duration: lag)
    }

    func ended(_ result: DeliveryResult) {
        switch result.verdict {
        case .delivered: delivered.increment()
        case .retry, .early: retried.increment()
        case .failed, .gone: failed.increment()
        case .discarded: discarded.increment()
        case .released: break
        }
        if result.logEntry != nil { duration.record(duration: result.duration) }
    }
}
