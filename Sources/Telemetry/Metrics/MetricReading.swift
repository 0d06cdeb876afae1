/// One series of a metric that is read when somebody asks: what a pool has, how long a lease still lasts.
public struct MetricReading: Sendable {
    let labels: LabelSet
    let value: Double

    public init(_ value: Double, _ labels: [String: String] = [:]) {
        self.labels = LabelSet(labels.lazy.map { (key: $0.key, value: $0.value) })
        self.value = value
    }

    public init(_ value: Int, _ labels: [String: String] = [:]) {
        self.init(Double(value), labels)
    }

    /// In seconds.
    public init(_ value: Duration, _ labels: [String: String] = [:]) {
        self.init(value / .seconds(1), labels)
    }

    func append(to text: inout String, name: String) {
        text += "\(name)\(labels.braced()) \(MetricNumber.text(value))\n"
    }
}
