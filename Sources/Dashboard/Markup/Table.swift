/// A table that becomes a list of cards on a narrow screen.
public struct Table: Sendable {
    public struct Column: Sendable {
        let name: String
        let isNumber: Bool

        public static func text(_ name: String) -> Column { Column(name: name, isNumber: false) }
        public static func number(_ name: String) -> Column { Column(name: name, isNumber: true) }
    }

    let caption: String
    let columns: [Column]
    /// Each with a cell for every column; the first names the row.
    let rows: [[HTML]]

    /// - Parameter caption: says what it is to those who do not see what stands above.
    public init(_ caption: String, _ columns: [Column], rows: [[HTML]]) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }

    public var html: HTML {
        let head = columns.map { column -> HTML in
            "<th scope=\"col\"\(Self.style(column))>\(column.name)</th>"
        }
        let body = rows.map { row -> HTML in
            let cells = zip(columns, row).enumerated().map { index, cell -> HTML in
                index == 0
                    ? "<th scope=\"row\"\(Self.style(cell.0))>\(cell.1)</th>"
                    : "<td\(Self.style(cell.0)) data-label=\"\(cell.0.name)\">\(cell.1)</td>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        return """
            <div class="scroll"><table class="stack"><caption class="unseen">\(caption)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)</tbody></table></div>
            """
    }

    private static func style(_ column: Column) -> HTML { column.isNumber ? " class=\"number\"" : .empty }
}
