import CoreMetrics

/// A value that goes up and down: a meter, or a recorder that doesn't aggregate.
final class GaugeCell: MetricCell, MeterHandler, RecorderHandler {
    let series: MetricSeries
    private let current = AtomicDouble()

    init(_ series: MetricSeries) { self.series = series }

    var value: Double { current.value }

    func set(_ value: Int64) { current.set(Double(value)) }
    func set(_ value: Double) { current.set(value) }
    func increment(by amount: Double) { if amount.isFinite { current.add(amount) } }
    func decrement(by amount: Double) { if amount.isFinite { current.add(-amount) } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func append(to text: inout String) {
        text += "\(series.name)\(series.labels.braced()) \(MetricNumber.text(value))\n"
    }
}
