import CoreMetrics
import Synchronization

/// A sum that only grows. Whole amounts are one atomic addition; fractions have a cell of their own.
final class CounterCell: MetricCell, CounterHandler, FloatingPointCounterHandler {
    let series: MetricSeries
    private let whole = Atomic<Int64>(0)
    private let fraction = AtomicDouble()

    init(_ series: MetricSeries) { self.series = series }

    var value: Double { Double(whole.load(ordering: .relaxed)) + fraction.value }

    /// A negative amount is ignored: to Prometheus a counter that fell is a process that restarted.
    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.set(0)
    }

    func append(to text: inout String) {
        text += "\(series.name)\(series.labels.braced()) \(MetricNumber.text(value))\n"
    }
}
