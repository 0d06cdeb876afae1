/// What is known of a metric before the first use: its help text, its buckets, the series that start at zero.
public struct MetricDeclaration: Sendable {
    /// OpenTelemetry's bounds for request durations, in seconds.
    public static let defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    let kind: MetricKind
    let name: String
    let help: String
    let buckets: [Double]
    let series: [[String: String]]

    /// A counter; `label` as the code that counts writes it, `series` the label sets that are shown from the start.
    public static func counter(_ label: String, help: String, series: [[String: String]] = []) -> Self {
        Self(kind: .counter, name: MetricName.counter(label), help: help, buckets: [], series: series)
    }

    /// A gauge or a meter.
    public static func gauge(_ label: String, help: String, series: [[String: String]] = []) -> Self {
        Self(kind: .gauge, name: MetricName.plain(label), help: help, buckets: [], series: series)
    }

    /// A timer, shown as a histogram in seconds; `buckets` are upper bounds in seconds, ascending.
    public static func timer(
        _ label: String,
        help: String,
        buckets: [Double] = defaultBuckets,
        series: [[String: String]] = []
    ) -> Self {
        Self(kind: .histogram, name: MetricName.timer(label), help: help, buckets: buckets, series: series)
    }

    /// An aggregating recorder; `buckets` are upper bounds in the recorder's unit, ascending.
    public static func histogram(
        _ label: String,
        help: String,
        buckets: [Double] = defaultBuckets,
        series: [[String: String]] = []
    ) -> Self {
        Self(kind: .histogram, name: MetricName.plain(label), help: help, buckets: buckets, series: series)
    }
}
