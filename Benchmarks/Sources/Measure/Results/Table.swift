/// A table of a Markdown page.
public struct Table: Sendable {
    private var lines: [String]

    public init(_ columns: [String]) {
        lines = [Self.line(columns), Self.line(columns.map { _ in "---" })]
    }

    public mutating func add(_ cells: [String]) { lines.append(Self.line(cells)) }

    public var text: String { lines.joined(separator: "\n") }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
