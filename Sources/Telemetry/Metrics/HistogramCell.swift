import CoreMetrics
import Synchronization

/// A distribution: a timer (in seconds), or a recorder that aggregates. All its figures change under one short lock, so that the
/// bucket `+Inf` is always the count.
final class HistogramCell: MetricCell, TimerHandler, RecorderHandler {
    private struct Figures {
        /// Not cumulative; the last one counts what is above every bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    let series: MetricSeries
    private let bounds: [Double]
    private let figures: Mutex<Figures>

    /// - Parameter bounds: the buckets' upper bounds, ascending, finite.
    init(_ series: MetricSeries, bounds: [Double]) {
        self.series = series
        self.bounds = bounds
        figures = Mutex(Figures(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        figures.withLock { figures in
            figures.counts[index] += 1
            figures.sum += value
        }
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// A clock that stepped back counts as no time at all.
    func recordNanoseconds(_ duration: Int64) { record(Double(max(duration, 0)) / 1e9) }

    func append(to text: inout String) {
        let figures = figures.withLock { $0 }
        var count: UInt64 = 0
        for (index, bucket) in figures.counts.enumerated() {
            count += bucket
            let bound = index < bounds.count ? MetricNumber.text(bounds[index]) : "+Inf"
            text += "\(series.name)_bucket\(series.labels.braced("le=\"\(bound)\"")) \(count)\n"
        }
        text += "\(series.name)_sum\(series.labels.braced()) \(MetricNumber.text(figures.sum))\n"
        text += "\(series.name)_count\(series.labels.braced()) \(count)\n"
    }
}
