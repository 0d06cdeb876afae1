public import CoreMetrics
import FoundationEssentials
import Synchronization

/// A backend of swift-metrics that Prometheus scrapes. Counters and gauges are changed without a lock, histograms under a short
/// one; series of one metric are bounded, and what is over the bound is counted in `metrics_dropped_series_total`.
public final class PrometheusMetrics: MetricsFactory {
    /// The `Content-Type` of `render()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let registry: Mutex<MetricRegistry>
    private let readers = Mutex<[String: @Sendable () -> [MetricReading]]>([:])
    /// When the process started, where its own figures are shown: metrics are the first thing it makes.
    private let processStart: Date?

    /// - Parameters:
    ///   - declarations: help texts, buckets and first series; a metric that is not declared has its label as its help text.
    ///   - seriesLimit: how many label sets one metric may have.
    ///   - includesProcess: whether the process's own figures (`process_...`) are shown as well.
    public init(
        declarations: [MetricDeclaration] = [],
        seriesLimit: Int = 1000,
        includesProcess: Bool = false
    ) {
        processStart = includesProcess ? Date() : nil
        registry = Mutex(MetricRegistry(seriesLimit: seriesLimit, reserved: ProcessFigures.names))
        for declaration in declarations { declare(declaration) }
    }

    /// Declares a metric; before its first use, since help and buckets don't change later.
    public func declare(_ declaration: MetricDeclaration) {
        let family = MetricFamily(
            name: declaration.name,
            kind: declaration.kind,
            help: declaration.help,
            buckets: declaration.buckets.filter(\.isFinite).sorted()
        )
        _ = registry.withLock { $0.add(family) }
        for labels in declaration.series {
            let dimensions = labels.map { ($0.key, $0.value) }
            switch declaration.kind {
            case .counter: _ = counter(declaration.name, dimensions)
            case .gauge: _ = gauge(declaration.name, dimensions)
            case .histogram: _ = histogram(declaration.name, dimensions, label: declaration.name)
            }
        }
    }

    /// Declares a counter or a gauge whose series are read at each exposition, so that nobody has to keep it up to date.
    ///
    /// - Parameter read: quick, and without waiting; a counter's value must not fall.
    public func observe(
        _ declaration: MetricDeclaration,
        _ read: @escaping @Sendable () -> [MetricReading]
    ) {
        declare(declaration)
        readers.withLock { $0[declaration.name] = read }
    }

    /// All metrics in the text format 0.0.4, sorted by name, then by labels.
    public func render() -> [UInt8] {
        let (families, dropped) = registry.withLock { ($0.families, $0.dropped) }
        let readers = readers.withLock { $0 }
        var blocks: [(name: String, text: String)] = []
        for family in families.values {
            var text = ""
            family.append(to: &text)
            for reading in (readers[family.name]?() ?? []).sorted(by: { $0.labels < $1.labels }) {
                reading.append(to: &text, name: family.name)
            }
            blocks.append((family.name, text))
        }
        var own = MetricFamily(
            name: MetricRegistry.droppedName,
            kind: .counter,
            help: "Handlers that are not shown: too many series of a metric, or a name that another metric has.",
            buckets: []
        )
        for (series, cell) in dropped { own.series[series.labels] = cell }
        var text = ""
        own.append(to: &text)
        blocks.append((own.name, text))
        if let processStart { blocks += ProcessFigures.read(start: processStart).blocks }
        return Array(blocks.sorted { $0.name < $1.name }.map(\.text).joined().utf8)
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return histogram(MetricName.plain(label), dimensions, label: label)
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(MetricName.timer(label), dimensions, label: label)
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func remove(_ handler: AnyObject) {
        guard let cell = handler as? any MetricCell else { return }
        registry.withLock { $0.remove(cell) }
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterCell {
        let labels = LabelSet(dimensions.lazy.map { (key: $0.0, value: $0.1) })
        return registry.withLock { registry in
            registry.cell(name: MetricName.counter(label), kind: .counter, labels: labels, label: label) { series, _ in
                CounterCell(series)
            }
        }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeCell {
        let labels = LabelSet(dimensions.lazy.map { (key: $0.0, value: $0.1) })
        return registry.withLock { registry in
            registry.cell(name: MetricName.plain(label), kind: .gauge, labels: labels, label: label) { series, _ in
                GaugeCell(series)
            }
        }
    }

    private func histogram(_ name: String, _ dimensions: [(String, String)], label: String) -> HistogramCell {
        let labels = LabelSet(dimensions.lazy.map { (key: $0.0, value: $0.1) }, reserved: "le")
        return registry.withLock { registry in
            registry.cell(name: name, kind: .histogram, labels: labels, label: label) { series, buckets in
                HistogramCell(series, bounds: buckets)
            }
        }
    }
}
