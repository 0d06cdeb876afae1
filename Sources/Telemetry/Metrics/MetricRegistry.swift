/// The families and series there are, bounded. A plain value: `PrometheusMetrics` keeps it under a lock.
struct MetricRegistry {
    private(set) var families: [String: MetricFamily] = [:]
    /// Line name to family name.
    private var lineNames: [String: String] = [:]
    let seriesLimit: Int
    /// Handlers that were made and are not shown, because the metric had too many series or its name is taken by another kind.
    private(set) var dropped: [MetricSeries: CounterCell] = [:]

    static let droppedName = "metrics_dropped_series_total"

    /// - Parameter reserved: names that the exposition gives out itself.
    init(seriesLimit: Int, reserved: [String] = []) {
        self.seriesLimit = seriesLimit
        for name in reserved + [Self.droppedName] { lineNames[name] = name }
    }

    /// Adds an empty family; false when one of its names is taken.
    @discardableResult
    mutating func add(_ family: MetricFamily) -> Bool {
        guard family.lineNames.allSatisfy({ lineNames[$0] == nil }) else { return false }
        for name in family.lineNames { lineNames[name] = family.name }
        families[family.name] = family
        return true
    }

    /// The series' cell, made when new. A series that can't be shown gets a cell of its own, which nobody reads.
    mutating func cell<Cell: MetricCell>(
        name: String,
        kind: MetricKind,
        labels: LabelSet,
        label: String,
        make: (MetricSeries, [Double]) -> Cell
    ) -> Cell {
        let series = MetricSeries(name: name, labels: labels)
        if families[name] == nil {
            add(MetricFamily(name: name, kind: kind, help: label, buckets: MetricDeclaration.defaultBuckets))
        }
        guard let family = families[name], family.kind == kind else {
            return drop(series, reason: "name_taken", make: make)
        }
        if let existing = family.series[labels] {
            return existing as? Cell ?? drop(series, reason: "name_taken", make: make)
        }
        guard family.series.count < seriesLimit else { return drop(series, reason: "too_many_series", make: make) }
        let cell = make(series, family.buckets)
        families[name]?.series[labels] = cell
        return cell
    }

    /// Takes the cell's series out, if it is the one that is shown.
    mutating func remove(_ cell: any MetricCell) {
        let series = cell.series
        guard let shown = families[series.name]?.series[series.labels], shown === cell else { return }
        families[series.name]?.series[series.labels] = nil
    }

    private mutating func drop<Cell: MetricCell>(
        _ series: MetricSeries,
        reason: String,
        make: (MetricSeries, [Double]) -> Cell
    ) -> Cell {
        let labels = LabelSet([("metric", series.name), ("reason", reason)].map { (key: $0.0, value: $0.1) })
        let own = MetricSeries(name: Self.droppedName, labels: labels)
        let counter = dropped[own] ?? CounterCell(own)
        counter.increment(by: 1 as Int64)
        dropped[own] = counter
        return make(series, MetricDeclaration.defaultBuckets)
    }
}
