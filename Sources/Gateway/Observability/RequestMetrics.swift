import HTTPTypes
import Metrics
import Synchronization
public import Telemetry

/// Counts requests and times them, by route template.
///
/// Keeps the handlers: finding them by their labels costs as much as taking a request's JSON apart.
final class RequestMetrics: Sendable {
    private static let requests = "sluice_http_requests"
    private static let problems = "sluice_http_problems"
    private static let duration = "sluice_http_request_duration"
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

    private struct Series: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Handlers {
        let counter: Counter
        let timer: Metrics.Timer
    }

    private let listener: String
    private let metrics: PrometheusMetrics
    /// By code, of which there are some dozens.
    private let refusals = Mutex<[String: Counter]>([:])
    /// Routes are templates, and methods and statuses few, so this is bounded.
    private let known = Mutex<[Series: Handlers]>([:])

    init(listener: String, metrics: PrometheusMetrics) {
        self.listener = listener
        self.metrics = metrics
    }

    func record(method: HTTPRequest.Method, route: String, status: Int, elapsed: Duration) {
        // Anybody can invent methods.
        let method = Self.methods.contains(method.rawValue) ? method.rawValue : "other"
        let series = Series(method: method, route: route, status: status)
        let handlers = known.withLock { known in
            if let handlers = known[series] { return handlers }
            let handlers = make(series)
            known[series] = handlers
            return handlers
        }
        handlers.counter.increment()
        handlers.timer.record(duration: elapsed)
    }

    /// A request was answered with the problem of that code.
    func refused(code: String) {
        let counter = refusals.withLock { refusals in
            if let counter = refusals[code] { return counter }
            let counter = Counter(
                label: Self.problems,
                dimensions: [("listener", listener), ("code", code)],
                factory: metrics
            )
            refusals[code] = counter
            return counter
        }
        counter.increment()
    }

    private func make(_ series: Series) -> Handlers {
        let labels = [("listener", listener), ("method", series.method), ("route", series.route)]
        return Handlers(
            counter: Counter(
                label: Self.requests,
                dimensions: labels + [("status", String(series.status))],
                factory: metrics
            ),
            timer: Metrics.Timer(label: Self.duration, dimensions: labels, factory: metrics)
        )
    }
}

extension GatewayConfiguration {
    /// What the listeners count, for `PrometheusMetrics`.
    public static let metricDeclarations: [MetricDeclaration] = [
        .counter("sluice_http_requests", help: "Answered HTTP requests."),
        .counter(
            "sluice_http_problems",
            help: "Requests that were answered with a problem, by its code."
        ),
        .timer(
            "sluice_http_request_duration",
            help: "From a request's head to its answer's, the body's arrival included."
        ),
    ]
}
