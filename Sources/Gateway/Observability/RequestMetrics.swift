import HTTPTypes
import Metrics
public import Telemetry

/// Counts requests and times them, by route template.
struct RequestMetrics: Sendable {
    private static let requests = "sluice_http_requests"
    private static let duration = "sluice_http_request_duration"
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

    let listener: String
    let metrics: PrometheusMetrics

    func record(method: HTTPRequest.Method, route: String, status: Int, elapsed: Duration) {
        // Anybody can invent methods.
        let method = Self.methods.contains(method.rawValue) ? method.rawValue : "other"
        let labels = [("listener", listener), ("method", method), ("route", route)]
        Counter(label: Self.requests, dimensions: labels + [("status", String(status))], factory: metrics).increment()
        Metrics.Timer(label: Self.duration, dimensions: labels, factory: metrics).record(duration: elapsed)
    }
}

extension GatewayConfiguration {
    /// What the listeners count, for `PrometheusMetrics`.
    public static let metricDeclarations: [MetricDeclaration] = [
        .counter("sluice_http_requests", help: "Answered HTTP requests."),
        .timer(
            "sluice_http_request_duration",
            help: "From a request's head to its answer's, the body's arrival included."
        ),
    ]
}
