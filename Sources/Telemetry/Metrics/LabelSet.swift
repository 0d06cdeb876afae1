/// A series' labels in their final, escaped form, sorted by name: `outcome="sent",region="AT"`. Equal sets are equal texts.
struct LabelSet: Sendable, Hashable, Comparable {
    let text: String

    /// - Parameter reserved: a label name that the exposition itself uses (`le` in histograms); ours gets a trailing `_`.
    init(_ dimensions: some Sequence<(key: String, value: String)>, reserved: String? = nil) {
        var labels: [String: String] = [:]
        for (key, value) in dimensions {
            let name = MetricName.label(key)
            labels[name == reserved ? name + "_" : name] = value
        }
        text = labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// The labels in braces, with `more` (already in final form) after them; nothing when there are none.
    func braced(_ more: String = "") -> String {
        let inner = [text, more].filter { !$0.isEmpty }.joined(separator: ",")
        return inner.isEmpty ? "" : "{\(inner)}"
    }

    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
