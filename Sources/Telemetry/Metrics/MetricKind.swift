/// Prometheus's word for what a metric is.
enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram
}
