/// All series of one metric.
struct MetricFamily {
    let name: String
    let kind: MetricKind
    let help: String
    let buckets: [Double]
    var series: [LabelSet: any MetricCell] = [:]

    /// The names of this family's lines: none of them may be another family's.
    var lineNames: [String] { Self.lineNames(name, kind: kind) }

    static func lineNames(_ name: String, kind: MetricKind) -> [String] {
        kind == .histogram ? [name, "\(name)_bucket", "\(name)_sum", "\(name)_count"] : [name]
    }

    func append(to text: inout String) {
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (_, cell) in series.sorted(by: { $0.key < $1.key }) { cell.append(to: &text) }
    }
}
