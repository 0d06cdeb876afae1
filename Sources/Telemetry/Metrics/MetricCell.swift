/// One series: what a handler of swift-metrics writes to and the exposition reads.
protocol MetricCell: AnyObject, Sendable {
    var series: MetricSeries { get }

    /// The series' lines, each with its line end.
    func append(to text: inout String)
}

/// Which series a cell is: the metric's name and the labels.
struct MetricSeries: Sendable, Hashable {
    var name: String
    var labels: LabelSet
}

/// Numbers as the exposition format writes them.
enum MetricNumber {
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
