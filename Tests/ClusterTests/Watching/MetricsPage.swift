import Foundation

/// What docs/metrics.md says: a row for each metric.
struct MetricsPage {
    struct Entry {
        let name: String
        /// It has series only on a condition.
        let isConditional: Bool
    }

    static let checkout = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    let entries: [String: Entry]

    /// - Throws: `TestFailure` when a metric stands there twice.
    init() throws {
        let text = try String(
            contentsOf: Self.checkout.appending(path: "docs/metrics.md"),
            encoding: .utf8
        )
        var entries: [String: Entry] = [:]
        for line in text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: #/\| `([a-z_]+)(?:\{[a-z_,]+\})?` \|.*\|([^|]*)\|/#)
            else { continue }
            let name = String(match.output.1)
            guard entries[name] == nil else { throw TestFailure("docs/metrics.md has \(name) twice") }
            let condition = match.output.2.trimmingCharacters(in: .whitespaces)
            entries[name] = Entry(name: name, isConditional: !condition.isEmpty)
        }
        self.entries = entries
    }

    /// The metric that a series of that name belongs to.
    func metric(of series: String) -> Entry? {
        if let entry = entries[series] { return entry }
        for ending in ["_bucket", "_sum", "_count"] where series.hasSuffix(ending) {
            if let entry = entries[String(series.dropLast(ending.count))] { return entry }
        }
        return nil
    }
}
