/// A line of CSV (RFC 4180) that a spreadsheet may open: what others wrote in it becomes no formula.
enum CSVRow {
    static func text(_ cells: [String?]) -> String {
        cells.map { cell($0 ?? "") }.joined(separator: ",") + "\r\n"
    }

    /// What a spreadsheet would compute begins with an apostrophe, which it takes for "this is text".
    private static func cell(_ text: String) -> String {
        var cell = text
        // White space before a formula is skipped by some.
        if let first = text.unicodeScalars.first(where: { $0 != " " }), isFormula(first) { cell = "'" + text }
        guard cell.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    private static func isFormula(_ first: Unicode.Scalar) -> Bool {
        switch first {
        // The last four are what programs for Chinese and Japanese take for the same.
        case "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": true
        default: false
        }
    }
}
