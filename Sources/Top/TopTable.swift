/// A table that fits a width: columns that matter least go first, and one takes what is left.
struct TopTable {
    struct Column {
        var title: String
        var width: Int
        var isRight = true
        /// The lowest goes first when there is too little room; nil: it stays.
        var importance: Int?
        /// Takes the room that is left, up to `most`.
        var most: Int?
    }

    struct Cell {
        var pieces: [StyledLine.Piece]

        init(_ text: String, _ style: TextStyle = .plain) { pieces = [StyledLine.Piece(text: text, style: style)] }
        init(_ line: StyledLine) { pieces = line.pieces }
    }

    private let columns: [Column]
    /// Of the columns that are shown.
    private let shown: [(index: Int, width: Int)]
    private let ellipsis: String

    init(_ columns: [Column], width: Int, ellipsis: String) {
        self.columns = columns
        self.ellipsis = ellipsis
        var indices = Array(columns.indices)
        func needed() -> Int { indices.reduce(0) { $0 + columns[$1].width } + max(0, indices.count - 1) }
        while needed() > width,
            let least = indices.filter({ columns[$0].importance != nil }).min(by: {
                (columns[$0].importance ?? 0) < (columns[$1].importance ?? 0)
            })
        {
            indices.removeAll { $0 == least }
        }
        var left = max(0, width - needed())
        shown = indices.map { index in
            let room = columns[index].most.map { min(left, max(0, $0 - columns[index].width)) } ?? 0
            left -= room
            return (index, columns[index].width + room)
        }
    }

    /// The width that a column has; nil when there is no room for it.
    func width(of title: String) -> Int? { shown.first { columns[$0.index].title == title }?.width }

    var heading: StyledLine {
        line(columns.map { Cell($0.title, .faint) })
    }

    /// A row with a cell for each column, shown or not.
    func line(_ cells: [Cell]) -> StyledLine {
        var line = StyledLine()
        for (place, column) in shown.enumerated() {
            if place > 0 { line.add(" ") }
            let isRight = columns[column.index].isRight
            var cell = StyledLine()
            for piece in cells[column.index].pieces { cell.add(piece.text, piece.style) }
            if cell.width > column.width {
                cell = cell.cut(to: max(0, column.width - ellipsis.count))
                cell.add(ellipsis, .faint)
            }
            let space = String(repeating: " ", count: max(0, column.width - cell.width))
            if isRight { line.add(space) }
            for piece in cell.pieces { line.add(piece.text, piece.style) }
            if !isRight, place < shown.count - 1 { line.add(space) }
        }
        return line
    }
}
